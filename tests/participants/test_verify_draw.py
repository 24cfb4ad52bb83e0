import ast
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from participants.rules import verify_draw
from participants.rules.draw import Pot, bands, draw_order
from participants.services import draw_files, draw_results, draws
from tests.conftest import JOB
from tests.participants.drawing import SEED, drawn, frozen, lottery_lane

CHECKER = Path(verify_draw.__file__)
PEOPLE = 14


@pytest.fixture
def kim(make_staff):
    return make_staff("recruitment_officer")


@pytest.fixture
def lee(make_staff):
    return make_staff("recruitment_officer")


@pytest.fixture
def draw(make_participant, kim, lee):
    crowd = [make_participant(is_resident=True) for _ in range(PEOPLE)]
    lane = lottery_lane(
        crowd[:8], seats=3, others=[("senior", 4, 1, crowd[8:10]), ("youth", 1, 2, crowd[10:])]
    )
    found = drawn(frozen(lane), kim, lee)
    draws.publish(found, by=kim)
    draw_results.carry_out(found, by=JOB)
    return found


@pytest.fixture
def lines(draw):
    return "".join(draw_files.whole_file(draw)).splitlines()


def check(lines, tmp_path, **noted):
    """Run the checker on a file of these lines; give its exit status and what it said."""
    file, out = tmp_path / "draw.ndjson", io.StringIO()
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return verify_draw.run(str(file), out, **noted), out.getvalue()


def changed(lines, number, **values):
    rows = [json.loads(line) for line in lines]
    rows[number].update(values)
    return [json.dumps(row, ensure_ascii=False) for row in rows]


def with_quota(lines, which, **values):
    quotas = json.loads(lines[0])["quotas"]
    for quota in quotas:
        quota.update(values if quota["code"] == which else {})
    return changed(lines, 0, quotas=quotas)


@pytest.mark.django_db
def test_what_the_city_publishes_agrees(draw, lines, tmp_path):
    status, said = check(lines, tmp_path, roster_sha256=draw.roster_sha256, seed=SEED)
    assert status == 0
    assert said.count("[OK]") == 6
    assert said.endswith("모두 일치합니다. Everything agrees.\n")
    assert len(lines) == PEOPLE + 1
    assert json.loads(lines[1])["rank"] == 1


@pytest.mark.django_db
def test_the_one_file_runs_on_python_alone(draw, lines, tmp_path):
    file, checker = tmp_path / "draw.ndjson", tmp_path / "verify_draw.py"
    file.write_text("\n".join(lines), encoding="utf-8")
    checker.write_bytes(CHECKER.read_bytes())

    def run(*arguments):
        command = [sys.executable, "-I", "-S", str(checker), str(file), *arguments]
        return subprocess.run(command, capture_output=True, check=False, encoding="utf-8")

    assert run("--roster-sha256", draw.roster_sha256.upper(), "--seed", SEED).returncode == 0
    assert run("--roster-sha256", "0" * 64).returncode == 1
    assert run("--seed", "01 02 03 04 05 06").returncode == 1
    file.write_text("안녕하세요", encoding="utf-8")
    assert run().returncode == 2


def test_the_checker_is_written_in_python_3_8_and_imports_nothing_of_ours():
    tree = ast.parse(CHECKER.read_text(encoding="utf-8"), feature_version=(3, 8))
    named = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom)
            else [one.name for one in node.names] if isinstance(node, ast.Import)
            else []
        )
    }  # fmt: skip
    assert named <= {
        "__future__", "argparse", "collections", "hashlib", "io", "itertools", "json", "re", "sys",
        "typing",
    }  # fmt: skip


@pytest.mark.django_db
def test_the_command_runs_the_same_code(lines, tmp_path, capsys):
    file = tmp_path / "draw.ndjson"
    file.write_text("\n".join(lines), encoding="utf-8")
    call_command("verify_draw", str(file))
    assert "Everything agrees." in capsys.readouterr().out

    file.write_text("\n".join(lines[:-1]), encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        call_command("verify_draw", str(file))
    assert end.value.code == 1
    with pytest.raises(SystemExit) as end:
        call_command("verify_draw", str(tmp_path / "nowhere"))
    assert end.value.code == 2


def swapped(lines):
    """Exchange the applications of the first and the last line."""
    rows = [json.loads(line) for line in lines]
    first, last = rows[1]["application"], rows[-1]["application"]
    rows[1]["application"], rows[-1]["application"] = last, first
    return [json.dumps(row) for row in rows]


TAMPERED = {
    "a line is missing": (lambda rows: rows[:-1], "number of applications: stated 14, computed 13"),
    "a line is doubled": (lambda rows: [*rows, rows[1]], "Line 16 repeats the application"),
    "a line was added": (
        lambda rows: [*rows, rows[1].replace(rows[1][17:25], "00000000")],
        "number of applications: stated 14, computed 15",
    ),
    "an application was exchanged": (
        lambda rows: changed(rows, 4, application="00000000-0000-4000-8000-000000000000"),
        "roster hash: stated",
    ),
    "an application moved to another quota": (
        lambda rows: changed(rows, 14, quota="senior"), "roster hash: stated",
    ),
    "a quota nobody announced": (
        lambda rows: changed(rows, 3, quota="friends"), "names a quota “friends”",
    ),
    "a quota with more seats": (
        lambda rows: with_quota(rows, "youth", seats=2), "roster hash: stated",
    ),
    "another spill-over order": (
        lambda rows: with_quota(rows, "youth", spill_order=0), "roster hash: stated",
    ),
    "a quota was renamed": (
        lambda rows: with_quota(rows, "youth", code="young"), "names a quota “youth”",
    ),
    "another source": (
        lambda rows: changed(rows, 0, seed_source="다른 추첨"), "roster hash: stated",
    ),
    "another day": (
        lambda rows: changed(rows, 0, seed_due_on="2020-01-01"), "roster hash: stated",
    ),
    "another roster hash": (
        lambda rows: changed(rows, 0, roster_sha256="0" * 64), "roster hash: stated 0000",
    ),
    "another seed": (
        lambda rows: changed(rows, 0, seed="01 02 03 04 05 06"), "rank of",
    ),
    "a seed of another form": (
        lambda rows: changed(rows, 0, seed="3 11 19 27 33 45"), "not of the announced form",
    ),
    "the seed was taken out": (lambda rows: changed(rows, 0, seed=None), "The seed “None”"),
    "another rank": (lambda rows: changed(rows, 2, rank=1), "Line 3, rank of"),
    "two exchanged people": (swapped, "rank of"),
    "another outcome": (
        lambda rows: changed(rows, 14, outcome="selected"), "Line 15, outcome of",
    ),
    "another seat": (lambda rows: changed(rows, 4, seat="youth"), "Line 5, seat of"),
    "another result hash": (
        lambda rows: changed(rows, 0, result_sha256="0" * 64), "result hash: stated 0000",
    ),
    "another number of applications": (
        lambda rows: changed(rows, 0, roster_count=15), "number of applications: stated 15",
    ),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("change", TAMPERED)
def test_a_changed_file_fails_and_names_the_difference(lines, tmp_path, change):
    tamper, difference = TAMPERED[change]
    assert check(lines, tmp_path)[0] == 0

    status, said = check(tamper(lines), tmp_path)

    assert status == 1
    assert difference in said.split("[DIFFERS] ", 1)[1]
    assert said.endswith("Something differs.\n")


@pytest.mark.django_db
def test_a_draw_made_again_with_another_seed_is_told_by_the_announced_source(lines, tmp_path):
    """The whole file computed anew agrees with itself, but not with the lottery's numbers."""
    sheet = verify_draw.read(changed(lines, 0, seed="01 02 03 04 05 06"))
    results = verify_draw.draw("01 02 03 04 05 06", sheet)
    forged = [dict(sheet.header, result_sha256=verify_draw.result_hash(sheet, results))]
    for line in sheet.lines:
        result = results[line.application]._asdict()
        forged.append({"application": line.application, "quota": line.quota, **result})
    rows = [json.dumps(row) for row in forged]

    assert check(rows, tmp_path)[0] == 0
    assert check(rows, tmp_path, seed=SEED)[0] == 1


@pytest.mark.django_db
def test_the_order_of_the_lines_does_not_matter(lines, tmp_path):
    assert check([lines[0], *reversed(lines[1:])], tmp_path)[0] == 0


MALFORMED = {
    "nothing": [],
    "text": ["추첨 결과입니다."],
    "a list": ["[]"],
    "another format": ['{"format": "x"}'],
    "deep": ["[" * 100_000],
    "no quotas": [lambda head: {**head, "quotas": []}],
    "quotas of text": [lambda head: {**head, "quotas": "general"}],
    "seats of text": [lambda head: {**head, "quotas": [{"code": "a", "seats": "1"}]}],
    "no roster hash": [lambda head: {**head, "roster_sha256": None}],
}


@pytest.mark.django_db
@pytest.mark.parametrize("shape", MALFORMED)
def test_what_is_no_draw_file_is_refused_with_a_sentence(lines, tmp_path, shape):
    head = json.loads(lines[0])
    rows = [json.dumps(row(head)) if callable(row) else row for row in MALFORMED[shape]]
    status, said = check(rows, tmp_path)
    assert (status, said) == (2, "1번째 줄을 읽을 수 없습니다. Line 1 cannot be read.\n")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "line", ['{"application": ', "", "7", '{"application": 7, "quota": "general"}',
             '{"application": "a", "quota": "general", "rank": "1"}'],
    ids=["cut off", "empty", "number", "number as name", "text as rank"],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_named(lines, tmp_path, line):
    status, said = check([*lines[:3], line], tmp_path)
    assert (status, said) == (2, "4번째 줄을 읽을 수 없습니다. Line 4 cannot be read.\n")


def test_a_file_of_bytes_is_refused(tmp_path):
    file, out = tmp_path / "draw.ndjson", io.StringIO()
    file.write_bytes(b"\xff\xfe\x00")
    assert verify_draw.run(str(file), out) == 2
    assert out.getvalue() == "추첨 파일이 아닙니다. This is not a draw file.\n"


@pytest.mark.django_db
def test_a_roster_without_a_draw_is_checked_by_its_hash(make_participant, tmp_path):
    people = [make_participant(is_resident=True) for _ in range(3)]
    draw = frozen(lottery_lane(people))
    rows = "".join(draw_files.whole_file(draw)).splitlines()

    status, said = check(rows, tmp_path, roster_sha256=draw.roster_sha256)
    assert status == 0
    assert "This roster has not been drawn yet." in said
    assert check(rows[:-1], tmp_path)[0] == 1
    assert check(rows, tmp_path, seed=SEED)[0] == 1


SHEETS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(0, 6)), min_size=1, max_size=4
)


@settings(deadline=None)
@given(SHEETS, st.randoms(use_true_random=False))
def test_the_checker_and_the_programme_agree_on_every_draw(shape, rnd):
    pots = [Pot(f"q{n}", seats, order, applied) for n, (seats, order, applied) in enumerate(shape)]
    quotas = sorted(
        (verify_draw.Quota(pot.code, pot.seats, pot.spill_order) for pot in pots),
        key=lambda quota: (quota.spill_order, quota.code),
    )
    names = {pot.code: [f"{pot.code}-{n}" for n in range(pot.applied)] for pot in pots}
    entries = [(name, code) for code, members in names.items() for name in members]
    rnd.shuffle(entries)
    rows = [verify_draw.Line(n, *entry, None, None, None) for n, entry in enumerate(entries)]
    sheet = verify_draw.Sheet({}, quotas, rows)

    ours = {}
    for band in bands(pots):
        order = draw_order(SEED, names[band.quota])
        for rank in range(band.first, band.last + 1):
            outcome = "selected" if band.seat else "waitlisted"
            ours[order[rank - 1]] = (rank, outcome, band.seat or None)

    assert {name: tuple(row) for name, row in verify_draw.draw(SEED, sheet).items()} == ours
