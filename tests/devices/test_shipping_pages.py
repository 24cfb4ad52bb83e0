import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from devices.models import Allocation, CourierFile, Loan, ParcelBatch, RecoveryTask, Shipment
from devices.services import allocation, exchanges, loans, silent
from participants.models import Notification
from seoul_health.core import clock
from seoul_health.core.models import AccessLog
from seoul_health.core.spreadsheets import read_table, write_csv
from tests.conftest import JOB

from .builders import delivered_loan, join, live_loan, make_watch, reserved_loan, shipped_loan

pytestmark = pytest.mark.django_db
PAGES = ["allocations", "shipping", "shipping-file", "courier-files", "silent", "silent-file"]


@pytest.fixture
def browser(client_of):
    return client_of("device_officer")


def page(name, *args):
    return reverse(f"stations:{name}", args=args)


def pack(browser, **asked):
    browser.post(page("shipping"), {"carrier": "lotte", **asked})
    return ParcelBatch.objects.get()


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_are_for_those_who_may(client, client_of, name):
    assert client.get(page(name)).status_code == 302
    assert client_of("finance_officer").get(page(name)).status_code == 403
    assert client_of("device_officer").get(page(name)).status_code == 200


def test_an_officer_looks_first_and_then_sets_watches_aside(browser, walker):
    lane = join(walker).application.lane
    make_watch()

    shown = browser.post(page("allocations"), {"lane": lane.pk, "do": "look"})
    assert (shown.context["outlook"].waiting, Allocation.objects.count()) == (1, 0)
    browser.post(page("allocations"), {"lane": lane.pk, "do": "ask"})

    allocation.allocate(Allocation.objects.get(), by=JOB)
    assert Loan.objects.get().status == "reserved"


def test_an_officer_takes_an_allocation_back(browser, walker):
    lane = join(walker).application.lane
    make_watch()
    browser.post(page("allocations"), {"lane": lane.pk, "do": "ask"})
    made = Allocation.objects.get()
    allocation.allocate(made, by=JOB)

    browser.post(page("allocation-undo", made.pk), {"why": ""})
    assert Loan.objects.get().status == "reserved"
    browser.post(page("allocation-undo", made.pk), {"why": "Wrong lot"})

    assert Loan.objects.get().status == "cancelled"
    assert browser.get(page("allocations")).status_code == 200


def test_staff_of_a_district_allocate_nothing(client_of):
    bound = client_of("device_officer", scope="district", district="종로구")

    assert bound.get(page("allocations")).status_code == 403


def test_a_list_is_packed_given_out_and_its_numbers_taken_in(browser, walker):
    loan = reserved_loan(walker)
    batch = pack(browser)

    given = browser.post(page("parcel-list", batch.pk), {"do": "give", "why": "To the courier"})
    table = read_table(given.content)
    assert table[0][:2] == (batch.parcels.get().reference, walker.profile.name)
    row = [[table[0][0], "680123456789"]]
    sent = SimpleUploadedFile("n.csv", write_csv(["주문번호", "운송장번호"], row))
    browser.post(page("courier-files"), {"carrier": "lotte", "file": sent})
    found = CourierFile.objects.get()
    assert browser.get(page("courier-file", found.pk)).context["counts"] == {"good": 1}
    browser.post(page("courier-file", found.pk), {"do": "take-in"})

    loan.refresh_from_db()
    assert (loan.status, Shipment.objects.get().tracking_no) == ("shipped", "680123456789")
    assert browser.get(page("courier-file", found.pk)).status_code == 200


def test_giving_names_out_is_written_down_with_its_reason(browser, walker):
    reserved_loan(walker)
    batch = pack(browser)

    refused = browser.post(page("parcel-list", batch.pk), {"do": "give", "why": ""})
    assert refused.status_code == 302
    browser.post(page("parcel-list", batch.pk), {"do": "give", "why": "To the courier"})

    read = AccessLog.objects.get(action="export")
    assert (read.subjects, read.reason) == ([walker.number], "To the courier")


def test_a_clerk_of_a_site_sees_names_of_no_list(client_of, browser, walker):
    reserved_loan(walker)
    batch = pack(browser)
    clerk = client_of("counter_clerk", scope="site", site_code="jongno")

    assert clerk.get(page("parcel-list", batch.pk)).status_code in {403, 404}


def test_a_list_is_called_off(browser, walker):
    loan = reserved_loan(walker)
    batch = pack(browser)

    browser.post(page("parcel-list", batch.pk), {"do": "call-off", "why": "Wrong carrier"})

    assert (ParcelBatch.objects.get().status, loan.shipments.get().status) == (
        "cancelled",
        "cancelled",
    )


@pytest.mark.parametrize("name", ["parcel-list", "courier-file"])
def test_an_unknown_verb_or_row_is_not_found(browser, walker, name):
    assert browser.get(page(name, 999)).status_code == 404
    reserved_loan(walker)
    batch = pack(browser)
    assert browser.post(page("parcel-list", batch.pk), {"do": "burn"}).status_code == 404


def test_refused_rows_come_back_as_a_file(browser):
    content = write_csv(["주문번호", "운송장번호"], [["x", "680123456789"]])
    sent = SimpleUploadedFile("n.csv", content)
    browser.post(page("courier-files"), {"carrier": "lotte", "file": sent})

    given = browser.get(page("courier-file", CourierFile.objects.get().pk), {"as": "csv"})

    assert read_table(given.content)[0][:3] == ("2", "x", "680123456789")


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"<html>"], ids=["empty", "noise", "page"])
def test_a_file_that_is_no_table_is_refused(browser, content):
    sent = SimpleUploadedFile("n.csv", content)

    answer = browser.post(page("courier-files"), {"carrier": "lotte", "file": sent})

    assert (answer.status_code, CourierFile.objects.count()) == (302, 0)


@pytest.fixture
def town(make_participant):
    """Make so many people at every stage of the way."""

    def make(count):
        for _ in range(count):
            reserved_loan(make_participant())
            shipped_loan(make_participant())
            delivered_loan(make_participant())
            loans.start_return(live_loan(make_participant()), by=JOB)
            live_loan(make_participant())
        Loan.objects.filter(status="live").update(accepted_at="2026-01-01T00:00Z")
        silent.find_silent(by=JOB)

    return make


@pytest.mark.parametrize(
    ("name", "query", "most"),
    [
        ("shipping", {"list": "reserved"}, 30),
        ("shipping", {"list": "unbooked"}, 30),
        ("silent", {"days": 30}, 30),
        ("calls", {}, 20),
        ("campaigns", {}, 20),
        ("cases", {}, 20),
    ],
    ids=["reserved", "unbooked", "silent", "calls", "campaigns", "cases"],
)
def test_a_longer_list_asks_no_more(
    browser, town, django_assert_max_num_queries, name, query, most
):
    def asked():
        with django_assert_max_num_queries(most) as counted:
            assert browser.get(page(name), query).status_code == 200
        return len(counted)

    town(1)
    browser.get(page(name), query)
    few = asked()
    town(3)

    assert asked() == few


@pytest.mark.parametrize(
    "chosen",
    ["reserved", "packed", "unbooked", "out", "back", "late", "astray", "unconfirmed", "what"],
)
def test_every_list_of_the_board_opens(browser, town, chosen):
    town(1)

    assert browser.get(page("shipping"), {"list": chosen}).status_code == 200


def test_the_board_counts_what_stands_where(browser, town):
    town(2)

    tabs = {name: count for name, _label, count in browser.get(page("shipping")).context["tabs"]}

    assert tabs == {
        "reserved": 2, "packed": 0, "unbooked": 4, "out": 0, "back": 0, "late": 0, "astray": 0,
        "unconfirmed": 0,
    }  # fmt: skip


def test_silent_people_are_written_to_and_called_from_the_list(browser, walker):
    live_loan(walker)
    Loan.objects.update(accepted_at=clock.day_ends(clock.add_months(clock.today(), -3)))
    silent.find_silent(by=JOB)

    where = page("silent") + "?days=60"
    browser.post(where, {"do": "tell"})
    browser.post(where, {"do": "call"})
    browser.post(where, {"do": "call"})

    assert Notification.objects.filter(template__code="watch_silent_60").count() == 1
    assert RecoveryTask.objects.count() == 1
    assert browser.post(where, {"do": "dance"}).status_code == 404


def test_a_faulty_watch_is_exchanged_from_the_loan(browser, walker):
    loan = live_loan(walker)
    make_watch()
    where = reverse("admin:devices_loan_change", args=[loan.pk])
    assert "exchange_here" in browser.get(where).content.decode()

    exchanges.exchange_at_counter(loan, why="Dark", by=JOB)

    assert browser.get(where).status_code == 200
