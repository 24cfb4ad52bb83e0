import itertools
from datetime import timedelta

import pytest

from devices.lending_errors import (
    FileTakenInBefore,
    ListOver,
    NoRowToTakeIn,
    NothingToPack,
    NotThisCarrier,
    NumbersChanged,
    ReasonForList,
    SwappedColumns,
    WrongCourierColumns,
)
from devices.models import Carrier, CourierFile, Loan, ParcelBatch, Shipment
from devices.services import courier_files, loans, packing, shipping
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove
from seoul_health.core.models import AuditEvent
from seoul_health.core.spreadsheets import write_csv, write_xlsx
from tests.conftest import JOB

from .builders import Parcels, fresh, live_loan, reserved_loan, standing

pytestmark = pytest.mark.django_db
numbers = itertools.count(680_000_000_001)
HEAD = ["주문번호", "운송장번호"]


@pytest.fixture
def officer(make_staff):
    return make_staff("device_officer")


@pytest.fixture
def carrier():
    return Carrier.objects.get(code="lotte")


@pytest.fixture
def pack(make_participant, carrier, officer):
    """Pack so many reserved watches into one list."""

    def packed(count=1):
        for _ in range(count):
            reserved_loan(make_participant())
        return packing.pack(Loan.objects.all(), carrier=carrier, by=officer).batch

    return packed


@pytest.fixture
def look(carrier, officer):
    def looked(content, **terms):
        return courier_files.read_file(
            content, name="a.csv", **{"carrier": carrier, "by": officer, **terms}
        )

    return looked


def told(batch, *given):
    """A courier's file with a number for each parcel of a list."""
    parcels = batch.parcels.order_by("pk")
    wanted = given or [str(next(numbers)) for _ in parcels]
    rows = [[each.reference, number] for each, number in zip(parcels, wanted, strict=False)]
    return write_csv(HEAD, rows)


def outcomes(found):
    return [(item.outcome, item.problem) for item in courier_files.preview(found)]


def test_a_packed_watch_has_not_left_us_yet(pack):
    batch = pack()

    loan = Loan.objects.get()
    assert standing(loan) == ("reserved", "allocated")
    parcel = batch.parcels.get()
    assert (parcel.status, parcel.reference) == ("planned", f"{loan.public_id.hex}-out-1")


def test_a_watch_is_packed_once(pack, carrier, officer):
    pack()

    with pytest.raises(NothingToPack):
        packing.pack(Loan.objects.all(), carrier=carrier, by=officer)

    assert (ParcelBatch.objects.count(), Shipment.objects.count()) == (1, 1)


def test_whoever_has_no_address_is_left_out_and_told_of(pack, make_participant, carrier, officer):
    for _ in range(2):
        last = reserved_loan(make_participant())
    last.participant.profile.address = " "
    last.participant.profile.save()

    made = packing.pack(Loan.objects.all(), carrier=carrier, by=officer)

    assert (made.parcels, made.without_address) == (1, 1)
    assert not last.shipments.exists()


def test_a_carrier_out_of_use_packs_nothing(pack, walker, carrier, officer):
    reserved_loan(walker)
    carrier.is_active = False
    carrier.save()

    with pytest.raises(NotThisCarrier):
        packing.pack(Loan.objects.all(), carrier=carrier, by=officer)

    assert Shipment.objects.count() == 0


def test_the_line_leaves_packed_parcels_to_their_list(pack):
    parcel, courier = pack().parcels.get(), Parcels()

    shipping.book_shipment(parcel, courier=courier, by=JOB)
    Shipment.objects.update(planned_at=clock.now() - timedelta(days=2))

    assert (courier.booked, shipping.claim_parcels()) == ({}, [])


def test_a_list_that_is_called_off_unpacks_its_parcels(pack, officer):
    batch = pack(2)

    assert packing.call_off(batch, why="Wrong carrier", by=officer) == 2

    assert ParcelBatch.objects.get().status == "cancelled"
    assert set(Shipment.objects.values_list("status", flat=True)) == {"cancelled"}
    assert set(Loan.objects.values_list("status", flat=True)) == {"reserved"}
    assert packing.to_pack(Loan.objects.all()).count() == 2


def test_names_are_given_out_for_a_reason_while_the_list_is_open(pack, officer):
    batch = pack()

    with pytest.raises(ReasonForList):
        packing.give_out(batch, why=" ", by=officer)
    people = packing.give_out(batch, why="To the courier", by=officer)
    packing.call_off(batch, why="Wrong", by=officer)
    with pytest.raises(ListOver):
        packing.give_out(batch, why="To the courier", by=officer)

    profile = Loan.objects.get().participant.profile
    assert [(one.name, one.address) for one in people] == [(profile.name, profile.address)]
    assert AuditEvent.objects.filter(verb="list_given").count() == 1


def test_tracking_numbers_send_the_watches_off(pack, look, officer):
    batch = pack(2)
    found = look(told(batch))

    courier_files.take_in(found, by=officer)

    found.refresh_from_db()
    assert (found.status, found.accepted, found.refused) == ("done", 2, 0)
    assert [standing(loan) for loan in Loan.objects.all()] == [("shipped", "shipped")] * 2
    assert set(Shipment.objects.values_list("status", flat=True)) == {"accepted"}
    assert ParcelBatch.objects.get().status == "done"
    assert (
        AuditEvent.objects.filter(verb="shipped", subject__startswith="devices.loan").count() == 2
    )


def test_looking_at_a_file_moves_nothing(pack, look):
    found = look(told(pack()))

    assert outcomes(found) == [("good", "")]
    assert (found.status, Shipment.objects.get().tracking_no) == ("draft", "")


def test_a_list_waits_until_all_numbers_are_in(pack, look, officer):
    batch = pack(2)

    courier_files.take_in(look(told(batch, "680123456789")), by=officer)

    assert ParcelBatch.objects.get().status == "open"
    assert sorted(Loan.objects.values_list("status", flat=True)) == ["reserved", "shipped"]


@pytest.mark.parametrize("code", ["utf-8-sig", "cp949"])
def test_files_come_in_the_letters_of_offices(pack, look, code):
    content = told(pack()).decode("utf-8-sig").encode(code)

    assert outcomes(look(content)) == [("good", "")]


def test_a_workbook_is_read_like_a_list(pack, look):
    parcel = pack().parcels.get()

    content = write_xlsx(["고객주문번호", "송장번호"], [[parcel.reference, "012345678901"]])

    (item,) = courier_files.preview(look(content))
    assert (item.outcome, item.line.tracking_no) == ("good", "012345678901")


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("", "no_number"),
        ("6.80123E+11", "rounded"),
        ("12345678901", "zeros_lost"),
        ("1234567890123", "wrong_length"),
        ("68O123456789", "bad_number"),
    ],
)
def test_a_number_that_cannot_be_right_is_refused(pack, look, number, problem):
    assert outcomes(look(told(pack(), number))) == [("refused", problem)]


@pytest.mark.parametrize("number", ["6801-2345-6789", " 680123456789 ", "６８０１２３４５６７８９"])
def test_a_number_may_be_written_in_groups_or_wide(pack, look, number):
    (item,) = courier_files.preview(look(told(pack(), number)))

    assert (item.outcome, item.line.tracking_no) == ("good", "680123456789")


def test_swapped_columns_are_told_and_keep_nothing(pack, look):
    parcels = pack(2).parcels.all()
    content = write_csv(HEAD, [[str(next(numbers)), each.reference] for each in parcels])

    with pytest.raises(SwappedColumns):
        look(content)

    assert CourierFile.objects.count() == 0


def test_a_number_on_two_rows_is_refused_on_both(pack, look, officer):
    found = look(told(pack(2), "680123456789", "680123456789"))

    assert outcomes(found) == [("refused", "number_twice")] * 2
    with pytest.raises(NoRowToTakeIn):
        courier_files.take_in(found, by=officer)
    assert set(Loan.objects.values_list("status", flat=True)) == {"reserved"}


def test_a_parcel_on_two_rows_is_refused_on_both(pack, look):
    reference = pack().parcels.get().reference
    rows = [[reference, "680123456789"], [reference, "680123456780"]]

    assert outcomes(look(write_csv(HEAD, rows))) == [("refused", "parcel_twice")] * 2


def test_a_number_of_another_parcel_is_refused(pack, look, officer):
    courier_files.take_in(look(told(pack(), "680123456789")), by=officer)
    second = pack()

    assert outcomes(look(told(second, "680123456789"))) == [("refused", "number_taken")]


def test_a_row_that_is_already_known_is_no_fault(pack, look, officer):
    batch = pack(2)
    courier_files.take_in(look(told(batch, "680123456789")), by=officer)

    again = look(told(batch, "680123456789", "680123456780"))

    assert outcomes(again) == [("known", ""), ("good", "")]


def test_a_second_number_for_a_parcel_is_refused(pack, look, officer):
    batch = pack()
    courier_files.take_in(look(told(batch, "680123456789")), by=officer)

    assert outcomes(look(told(batch, "680123456780"))) == [("refused", "has_other_number")]


def test_parcels_nobody_knows_or_of_another_carrier_are_refused(pack, look):
    batch = pack()
    unknown = write_csv(HEAD, [["0" * 32 + "-out-1", "680123456789"], ["12", "680123456780"]])

    assert outcomes(look(unknown)) == [("refused", "unknown_parcel"), ("refused", "bad_reference")]
    other = Carrier.objects.get(code="cj")
    assert outcomes(look(told(batch, "680123456789"), carrier=other)) == [
        ("refused", "other_carrier")
    ]


def test_a_parcel_that_was_unpacked_meanwhile_stops_the_file(pack, look, officer, monkeypatch):
    found = look(told(pack()))
    items = courier_files.preview(found)
    packing.call_off(ParcelBatch.objects.get(), why="Wrong", by=officer)
    monkeypatch.setattr(courier_files, "preview", lambda _found: items)

    with pytest.raises(NumbersChanged):
        courier_files.take_in(found, by=officer)

    assert CourierFile.objects.get().status == "draft"
    assert Shipment.objects.get().tracking_no == ""


def test_a_file_is_taken_in_once(pack, look, officer):
    batch = pack(2)
    content = told(batch, "680123456789", "680123456780")
    first, second = look(content), look(content)
    courier_files.take_in(first, by=officer)
    Shipment.objects.update(status="planned", tracking_no="")
    Loan.objects.update(status="reserved")

    with pytest.raises(FileTakenInBefore):  # a_courier_file_is_taken_in_once
        courier_files.take_in(second, by=officer)
    with pytest.raises(IllegalMove):
        courier_files.take_in(first, by=officer)

    assert set(Shipment.objects.values_list("status", flat=True)) == {"planned"}


def test_other_columns_are_named_in_the_refusal(look):
    with pytest.raises(WrongCourierColumns) as refusal:
        look(write_csv(["이름", "전화"], [["a", "b"]]))

    assert "이름, 전화" in str(refusal.value)


@pytest.fixture
def sent(pack, look, officer):
    """A parcel the courier has taken."""
    courier_files.take_in(look(told(pack(), "680123456789")), by=officer)
    return Shipment.objects.get()


def news(word, at="2026-01-02 10:00", number="680123456789"):
    return write_csv(["운송장번호", "배송상태", "처리일시"], [[number, word, at]])


def test_a_delivered_parcel_delivers_its_loan(sent, look, officer):
    courier_files.take_in(look(news("배송 완료")), by=officer)

    sent.refresh_from_db()
    assert (sent.status, f"{sent.delivered_at:%Y-%m-%d %H}") == ("delivered", "2026-01-02 01")
    assert standing(sent.loan) == ("delivered", "on_loan")


def test_a_parcel_under_way_moves_on_and_old_news_change_nothing(sent, look, officer):
    courier_files.take_in(look(news("배송중")), by=officer)
    assert standing(sent.loan) == ("shipped", "shipped")
    courier_files.take_in(look(news("배송완료")), by=officer)

    assert outcomes(look(news("집화완료", at=""))) == [("known", "")]


def test_a_parcel_nobody_took_in_ends_and_waits_for_the_scanner(sent, look, officer):
    courier_files.take_in(look(news("수취거절")), by=officer)

    sent.refresh_from_db()
    assert (sent.status, standing(sent.loan)) == ("cancelled", ("shipped", "shipped"))
    loans.scan_in(sent.loan.device.serial, by=officer)
    assert standing(sent.loan) == ("returned", "awaiting_inspection")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (news("어딘가"), "unknown_progress"),
        (news("배송완료", at="2026-13-40"), "bad_moment"),
        (news("배송완료", at="2999-01-01 10:00"), "from_the_future"),
        (news("배송완료", number="680123456780"), "unknown_number"),
    ],
    ids=["word", "moment", "future", "number"],
)
def test_news_that_cannot_be_right_are_refused(sent, look, content, problem):
    assert outcomes(look(content)) == [("refused", problem)]


def test_watches_to_be_fetched_go_onto_a_list_too(walker, carrier, officer, look):
    loan = live_loan(walker)
    parcel = loans.start_return(loan, by=walker)
    assert not packing.to_fetch(Shipment.objects.all()).exists()
    Shipment.objects.update(planned_at=clock.now() - timedelta(days=2))

    batch = packing.pack_returns(Shipment.objects.all(), carrier=carrier, by=officer).batch
    courier_files.take_in(look(told(batch)), by=officer)
    number = Shipment.objects.get(pk=parcel.pk).tracking_no
    courier_files.take_in(look(news("배송완료", number=number)), by=officer)

    # It is in only once its watch is scanned.
    assert standing(fresh(loan)) == ("returning", "returning")
    assert loan.shipments.get().status == "delivered"


def test_returns_that_are_called_off_go_over_the_line_again(
    walker, carrier, officer, queued, django_capture_on_commit_callbacks
):
    parcel = loans.start_return(live_loan(walker), by=walker)
    Shipment.objects.update(planned_at=clock.now() - timedelta(days=2))
    batch = packing.pack_returns(Shipment.objects.all(), carrier=carrier, by=officer).batch

    with django_capture_on_commit_callbacks(execute=True):
        assert packing.call_off(batch, why="Line works again", by=officer) == 1

    parcel.refresh_from_db()
    assert (parcel.status, parcel.batch) == ("planned", None)
    assert queued[-1] == ("devices.book_shipment", parcel.pk)


def test_files_left_lying_are_dropped(pack, look):
    look(told(pack()))
    CourierFile.objects.update(uploaded_at=clock.now() - courier_files.KEPT_FOR * 2)

    assert [courier_files.drop_forgotten(by=JOB) for _ in range(2)] == [1, 0]

    found = CourierFile.objects.get()
    assert (found.status, found.content) == ("dropped", "[]")


def test_a_file_of_a_district_moves_its_own_parcels_only(pack, look, make_staff):
    batch = pack()
    far = make_staff("device_officer", scope="district", district="마포구")
    near = make_staff("device_officer", scope="district", district="종로구")
    content = told(batch)

    assert outcomes(look(content, by=far)) == [("refused", "unknown_parcel")]
    assert outcomes(look(content, by=near)) == [("good", "")]


def test_news_from_a_district_move_its_own_parcels_only(pack, look, make_staff, officer):
    batch = pack()
    courier_files.take_in(look(told(batch, "680000099999")), by=officer)
    far = make_staff("device_officer", scope="district", district="마포구")
    news = write_csv(["운송장번호", "배송상태"], [["680000099999", "분실"]])

    found = look(news, by=far)

    assert outcomes(found) == [("refused", "unknown_number")]
    with pytest.raises(NoRowToTakeIn):
        courier_files.take_in(found, by=far)
    assert Shipment.objects.get().status == "accepted"
