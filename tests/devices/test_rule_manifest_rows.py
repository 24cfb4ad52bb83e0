import pytest

from devices.rules.manifest_rows import Ground, column_names, luhn, read_lines, usual_length

GROUND = Ground(lot="LOT-1", sites={"jongno": 7}, serial_length=None)


def judged(*rows, ground=GROUND):
    numbered = [
        (line, row if isinstance(row, dict) else {"serial": row})
        for line, row in enumerate(rows, start=2)
    ]
    return [(line.serial, line.problem, line.other) for line in read_lines(numbered, ground=ground)]


@pytest.mark.parametrize(
    ("told", "serial", "problem"),
    [
        (" sw-1 ", "SW-1", ""),
        ("", "", "blank"),
        ("   ", "", "blank"),
        ("X" * 33, "X" * 33, "too_long"),
        ("ＳＷ-1", "ＳＷ-1", "strange_sign"),
        ("SW 1", "SW 1", "strange_sign"),
        ("합계", "합계", "strange_sign"),
        ("=1+1", "=1+1", "strange_sign"),
        ("8.9E+14", "8.9E+14", "rounded"),
        ("1E10", "1E10", "rounded"),
        ("Z" * 90, "Z" * 64, "too_long"),
    ],
)
def test_a_serial_is_spelled_one_way_or_refused(told, serial, problem):
    assert judged(told) == [(serial, problem, "")]


def test_a_serial_listed_twice_names_the_first_row():
    assert judged("SW-10", "SW-2", "sw-1o") == [
        ("SW-10", "", ""),
        ("SW-2", "", ""),
        ("SW-1O", "twice", "2"),
    ]


def test_lost_zeros_show_against_the_other_rows():
    assert judged("00123", "00124", "99125", "126") == [
        ("00123", "", ""),
        ("00124", "", ""),
        ("99125", "", ""),
        ("126", "zeros_lost", "5"),
    ]


def test_serials_of_many_lengths_are_left_alone():
    assert [problem for _serial, problem, _other in judged("1", "22", "333", "A1")] == [""] * 4


@pytest.mark.parametrize(
    ("told", "problem"), [("ABCDE", ""), ("ABCD", "wrong_length"), ("1234", "zeros_lost")]
)
def test_a_model_with_a_fixed_length_refuses_others(told, problem):
    [(_serial, found, _other)] = judged(told, ground=GROUND._replace(serial_length=5))

    assert found == problem


@pytest.mark.parametrize(
    ("cells", "problem", "other"),
    [
        ({"imei": "490154203237518"}, "", ""),
        ({"imei": "49-015420-323751-8"}, "", ""),
        ({"imei": "490154203237519"}, "bad_imei", "490154203237519"),
        ({"imei": "4.90154E+14"}, "bad_imei", "4.90154E+14"),
        ({"imei": "٤90154203237518"}, "bad_imei", "٤90154203237518"),
        ({"mac": "001a2b3c4d5e"}, "", ""),
        ({"mac": "00-1A-2B-3C-4D-5E"}, "", ""),
        ({"mac": "00:1A:2B:3C:4D"}, "bad_mac", "00:1A:2B:3C:4D"),
        ({"mac": "00:1A:2B:3C:4D:5G"}, "bad_mac", "00:1A:2B:3C:4D:5G"),
        ({"box": "B" * 33}, "bad_cell", "box"),
        ({"asset_no": "A\x00B"}, "bad_cell", "asset_no"),
        ({"site": "nowhere"}, "unknown_site", "nowhere"),
        ({"site": "jongno"}, "", ""),
        ({"lot": "LOT-2"}, "wrong_lot", "LOT-2"),
        ({"lot": "LOT-1"}, "", ""),
    ],
)
def test_other_cells_are_judged_too(cells, problem, other):
    assert judged({"serial": "SW-1", **cells}) == [("SW-1", problem, other)]


@pytest.mark.parametrize(
    ("name", "value"),
    [("imei", "490154203237518"), ("mac", "00:1A:2B:3C:4D:5E"), ("asset_no", "A-1")],
)
def test_a_number_of_two_rows_is_refused_once(name, value):
    rows = judged({"serial": "SW-1", name: value}, {"serial": "SW-2", name: value})

    assert [problem for _serial, problem, _other in rows] == ["", f"{name}_twice"]


def test_columns_are_known_by_many_names():
    header = ["시리얼 번호", "S/N", "물품관리번호", "품명", "Asset No."]

    assert column_names(header) == ["serial", "serial", "asset_no", "", "asset_no"]


def test_a_check_digit_is_checked():
    assert luhn("490154203237518")
    assert not luhn("490154203237510")


def test_the_usual_length_is_that_of_most_all_digit_serials():
    assert usual_length(["001", "002", "AB"]) == 3
    assert usual_length(["1", "22"]) is None
    assert usual_length(["AB-1"]) is None
