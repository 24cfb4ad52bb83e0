import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from devices.models import (
    DataWipe,
    Device,
    DeviceModel,
    Inspection,
    Loan,
    LoanReport,
    Lot,
    RecoveryStep,
    Shipment,
    Site,
)
from devices.services import inspections, loans
from seoul_health.core import clock
from seoul_health.core.models import AccessLog, AuditEvent
from tests.conftest import JOB

from .builders import (
    fresh,
    inspected_watch,
    live_loan,
    make_lot,
    make_site,
    make_watch,
    reserved_loan,
    returned_loan,
    shipped_loan,
    standing,
)

MODELS = [
    DataWipe,
    Device,
    DeviceModel,
    Inspection,
    Loan,
    LoanReport,
    Lot,
    RecoveryStep,
    Shipment,
    Site,
]


@pytest.fixture
def desk(client_of):
    return client_of("device_officer")


def page(model, kind, *args):
    return reverse(f"admin:devices_{model._meta.model_name}_{kind}", args=args)


def act(browser, row, verb, **values):
    return browser.post(page(type(row), "act", row.pk, verb), values, follow=True)


def a_bit_of_everything(make_participant):
    for _ in range(3):
        loan = live_loan(make_participant())
        loans.report(loan, kind="faulty", text="충전이 안 됩니다", by=loan.participant)
        loans.recall(loan, by=JOB, why="Round ended")
        loans.start_return(loan, by=JOB)
        loans.scan_in(loan.device.serial, by=JOB)
        watch = fresh(loan).device
        inspections.inspect(watch, grade="B", by=JOB)
        inspections.wipe(watch, method="factory_reset", by=JOB)
        live_loan(make_participant())
    make_site()


@pytest.mark.parametrize("model", MODELS)
def test_every_list_opens_in_few_queries(
    desk, make_participant, model, django_assert_max_num_queries
):
    a_bit_of_everything(make_participant)
    desk.get(page(model, "changelist"))

    with django_assert_max_num_queries(13):
        answer = desk.get(page(model, "changelist"))

    assert answer.status_code == 200
    assert len(answer.context["cl"].result_list) >= 1


@pytest.mark.parametrize("model", MODELS)
def test_every_row_opens(desk, make_participant, model):
    a_bit_of_everything(make_participant)

    answer = desk.get(page(model, "change", model.objects.order_by("pk").first().pk))

    assert answer.status_code == 200


@pytest.mark.parametrize("model", [Device, Loan, Shipment, LoanReport])
def test_a_list_costs_the_same_with_more_rows(
    desk, make_participant, model, django_assert_num_queries
):
    a_bit_of_everything(make_participant)
    desk.get(page(model, "changelist"))
    with CaptureQueriesContext(connection) as few:
        desk.get(page(model, "changelist"))
    a_bit_of_everything(make_participant)

    with django_assert_num_queries(len(few)):
        desk.get(page(model, "changelist"))


def test_loans_come_in_the_order_they_fall_due_and_overdue_ones_say_so(desk, make_participant):
    later, sooner = live_loan(make_participant()), live_loan(make_participant())
    Loan.objects.filter(pk=sooner.pk).update(due_on=clock.add_months(clock.today(), -1))

    answer = desk.get(page(Loan, "changelist"))

    assert [loan.pk for loan in answer.context["cl"].result_list] == [sooner.pk, later.pk]
    assert answer.content.decode().count("chip danger") == 1


def test_a_borrower_is_masked_and_the_look_is_written_down(desk, walker):
    live_loan(walker)

    answer = desk.get(page(Loan, "changelist"))

    text = answer.content.decode()
    assert "김*기" in text
    assert "김걷기" not in text
    assert AccessLog.objects.get().subjects == [walker.number]


@pytest.mark.parametrize(
    ("standing_", "count"),
    [("", 2), ("overdue", 1), ("reserved", 1), ("back", 1), ("lost", 1), ("all", 4)],
)
def test_loans_are_filtered_by_what_they_need(desk, make_participant, standing_, count):
    reserved_loan(make_participant())
    overdue = live_loan(make_participant())
    Loan.objects.filter(pk=overdue.pk).update(due_on=clock.add_months(clock.today(), -1))
    returned_loan(make_participant())
    lost = live_loan(make_participant())
    loans.report(lost, kind="lost", text="없어요", by=JOB)

    query = f"?standing={standing_}" if standing_ else ""
    answer = desk.get(page(Loan, "changelist") + query)

    assert len(answer.context["cl"].result_list) == count


def test_a_loan_is_found_by_serial_or_participant_number(desk, make_participant):
    wanted, _ = returned_loan(make_participant()), live_loan(make_participant())

    for term in (wanted.device.serial.lower(), wanted.participant.number, "P-NOBODY"):
        found = desk.get(page(Loan, "changelist"), {"q": term}).context["cl"].result_list
        assert [loan.pk for loan in found] == ([] if term == "P-NOBODY" else [wanted.pk])


def test_a_clerk_sees_only_their_site(client_of, make_participant):
    here, there = live_loan(make_participant()), live_loan(make_participant())
    Device.objects.filter(pk=here.device_id).update(site=make_site("jongno"))
    Device.objects.filter(pk=there.device_id).update(site=make_site("mapo"))
    clerk = client_of("site_clerk", scope="site", site_code="jongno")

    seen = clerk.get(page(Loan, "changelist")).context["cl"].result_list

    assert [loan.pk for loan in seen] == [here.pk]
    assert clerk.get(page(Loan, "change", there.pk)).status_code == 302
    assert act(clerk, there, "deliver").status_code == 404


def test_the_passport_tells_a_watchs_life_without_names(desk, walker):
    watch = inspected_watch(walker)
    inspections.wipe(watch, method="factory_reset", by=JOB)

    text = desk.get(page(Device, "change", watch.pk)).content.decode()

    for known in ("2026-0099", "한강전자", "55,000", walker.number):
        assert known in text
    assert "김걷기" not in text
    assert walker.number in AccessLog.objects.get().subjects


def test_a_loan_goes_its_way_by_buttons(desk, walker):
    loan = reserved_loan(walker)

    act(desk, loan, "ship")
    assert standing(loan) == ("shipped", "shipped")
    act(desk, loan, "deliver")
    assert standing(loan) == ("delivered", "on_loan")
    act(desk, loan, "recall", why="Round ended")
    assert standing(loan) == ("recall_requested", "on_loan")
    act(desk, loan, "log_step", kind="call", cost="1500", note="No answer")
    act(desk, loan, "take_in")
    assert standing(loan) == ("returned", "awaiting_inspection")
    assert list(loan.recovery.values_list("cost", flat=True)) == [0, 1500]
    assert AuditEvent.objects.filter(actor=desk.user.actor_name).exists()


def test_a_watch_goes_back_to_stock_by_buttons(desk, walker):
    watch = returned_loan(walker).device

    act(desk, watch, "inspect", grade="B", faults=["strap"], note="")
    act(desk, watch, "shelve")
    assert Device.objects.get().status == Device.Status.AWAITING_INSPECTION
    act(desk, watch, "wipe", method="factory_reset")
    act(desk, watch, "shelve")

    assert Device.objects.get().status == Device.Status.IN_STOCK


def test_a_recall_without_a_reason_asks_again(desk, walker):
    loan = live_loan(walker)

    answer = act(desk, loan, "recall", why="")

    assert answer.status_code == 200
    assert standing(loan) == ("live", "on_loan")


def test_only_the_verbs_that_make_sense_are_offered(desk, walker):
    loan = returned_loan(walker)

    names = [
        button["name"]
        for button in desk.get(page(Device, "change", loan.device_id)).context["row_actions"]
    ]

    assert names == [
        "inspect", "wipe", "shelve", "repair", "quarantine", "report_missing", "dispose",
    ]  # fmt: skip


def test_looking_is_not_doing(client_of, walker):
    loan, agent = live_loan(walker), client_of("agent")

    assert agent.get(page(Loan, "change", loan.pk)).context["row_actions"] == []
    assert act(agent, loan, "recall", why="Round ended").status_code == 403
    assert standing(loan) == ("live", "on_loan")


def bulk(browser, model, action, rows, **values):
    body = {"action": action, "_selected_action": [row.pk for row in rows], **values}
    return browser.post(page(model, "changelist"), body, follow=True)


def test_many_loans_are_shipped_at_once(desk, make_participant):
    rows = [reserved_loan(make_participant()) for _ in range(3)]

    bulk(desk, Loan, "ship_all", rows)

    assert {standing(row) for row in rows} == {("shipped", "shipped")}


def test_one_refusal_does_not_stop_the_others(desk, make_participant):
    rows = [shipped_loan(make_participant()), reserved_loan(make_participant())]

    answer = bulk(desk, Loan, "ship_all", rows)

    assert {standing(row) for row in rows} == {("shipped", "shipped")}
    assert len(answer.context["messages"]) == 2


def test_a_bulk_recall_asks_for_the_reason_first(desk, make_participant):
    rows = [live_loan(make_participant()) for _ in range(2)]

    asked = bulk(desk, Loan, "recall_all", rows)
    assert asked.templates[0].name == "devices/bulk_ask.html"
    assert {standing(row) for row in rows} == {("live", "on_loan")}

    bulk(desk, Loan, "recall_all", rows, apply="1", why="Round ended")
    assert {standing(row) for row in rows} == {("recall_requested", "on_loan")}


def test_everything_at_once_is_not_a_request(desk, make_participant):
    ticked, other = reserved_loan(make_participant()), reserved_loan(make_participant())

    bulk(desk, Loan, "ship_all", [ticked], select_across="1")

    assert standing(other) == ("reserved", "allocated")


def test_many_watches_are_wiped_and_shelved(desk, make_participant):
    rows = [inspected_watch(make_participant()) for _ in range(2)]

    bulk(desk, Device, "wipe_all", rows, apply="1", method="factory_reset")
    bulk(desk, Device, "shelve_all", rows)

    assert set(Device.objects.values_list("status", flat=True)) == {"in_stock"}


def test_a_watch_is_added_by_hand_in_its_one_spelling(desk):
    lot = make_lot()

    desk.post(page(Device, "add"), {"serial": " sw-0900 ", "lot": lot.pk, "site": ""})

    assert Device.objects.get().serial == "SW-0900"
    assert AuditEvent.objects.get(verb="registered").actor == desk.user.actor_name


def test_a_serial_that_no_label_carries_is_refused(desk):
    lot = make_lot()

    answer = desk.post(page(Device, "add"), {"serial": "ＳＷ-1", "lot": lot.pk, "site": ""})

    assert answer.status_code == 200
    assert not Device.objects.exists()


def test_a_serial_and_its_lot_cannot_be_edited(desk):
    watch, site = make_watch("SW-1"), make_site()

    desk.post(page(Device, "change", watch.pk), {"serial": "SW-2", "lot": 0, "site": site.pk})

    found = Device.objects.get()
    assert (found.serial, found.site) == ("SW-1", site)
    assert AuditEvent.objects.get(verb="placed").detail == {"site": "jongno"}


def test_a_refused_parcel_is_planned_again(desk, walker):
    parcel = shipped_loan(walker).shipments.get()
    Shipment.objects.update(status="refused")

    act(desk, Shipment.objects.get(), "plan_again")

    assert Shipment.objects.exclude(pk=parcel.pk).get().status == Shipment.Status.PLANNED


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_deleted(desk, model):
    assert not admin.site._registry[model].has_delete_permission(None)
