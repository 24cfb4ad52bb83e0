from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from devices.models import (
    CallAttempt,
    Reading,
    ReadingBatch,
    Reservation,
    RiskAlert,
    Slot,
    SlotPlan,
)
from devices.services import alerts, reservations
from seoul_health.core import clock
from seoul_health.core.models import AccessLog
from seoul_health.core.spreadsheets import write_csv
from tests.conftest import JOB

from .booking import HOUR, counts, fresh, make_plan, make_resource, make_slot
from .builders import make_site
from .measuring import agree, make_instrument, pressure, record, told


def at(name, *args):
    return reverse(f"stations:{name}", args=args)


@pytest.fixture
def clerk(client_of):
    return client_of("site_clerk", scope="site", site_code="jongno")


@pytest.fixture
def person(walker):
    return agree(walker)


def at_noon(days=1):
    noon = clock.day_starts(clock.today()) + timedelta(days=days, hours=12)
    return {"starts_at": noon}


PAGES = ["slots", "zone-files", "zone-example", "callbacks"]


@pytest.mark.parametrize("name", [*PAGES, "zone"])
def test_a_guest_is_sent_to_the_door(client, db, name):
    answer = client.get(at(name))

    assert (answer.status_code, "/login/" in answer.url) == (302, True)


@pytest.mark.parametrize("role", ["agent", "finance_officer", "auditor"])
@pytest.mark.parametrize("name", [*PAGES, "zone"])
def test_others_do_not_come_in(client_of, role, name):
    assert client_of(role).get(at(name)).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_pages_open_empty(clerk, name):
    assert clerk.get(at(name)).status_code == 200


def test_the_calendar_shows_masked_people_and_writes_it_down(
    clerk, walker, make_participant, django_assert_max_num_queries
):
    plan = make_plan(make_resource(capacity=5))
    slot = make_slot(plan=plan, capacity=5, **at_noon())
    for _ in range(3):
        reservations.book(make_participant(), fresh(slot), by=JOB)
    reservations.book(walker, fresh(slot), by=JOB)
    day = clock.seoul_day(slot.starts_at).isoformat()

    with django_assert_max_num_queries(16):
        page = clerk.get(at("slots"), {"site": "jongno", "day": day})

    text = page.content.decode()
    assert ("김*기" in text, "김걷기" in text) == (True, False)
    assert page.context["tally"]["booked"] == 4
    assert walker.number in AccessLog.objects.get(what="devices:slots").subjects


@pytest.mark.parametrize("query", [{"day": "x"}, {"day": "1999-01-01"}, {"day": "2026-02-30"}])
def test_a_day_that_is_none_is_400(clerk, query):
    assert clerk.get(at("slots"), query).status_code == 400


def test_another_sites_calendar_is_404(clerk):
    slot = make_slot(plan=make_plan(make_resource(site=make_site("mapo"))))

    assert clerk.get(at("slots"), {"site": "mapo"}).status_code == 404
    assert clerk.post(at("slot-close", slot.public_id), {"why": "점검"}).status_code == 404
    assert fresh(slot).closed_at is None


def test_who_comes_is_checked_in(clerk, walker):
    row = reservations.book(walker, make_slot(**at_noon()), by=JOB)

    clerk.post(at("slot-check-in", row.public_id))
    clerk.post(at("slot-check-in", row.public_id))

    assert Reservation.objects.get().status == "checked_in"


def test_a_place_is_given_back_at_the_counter(clerk, walker):
    slot = make_slot(**at_noon())
    row = reservations.book(walker, slot, by=JOB)

    clerk.post(at("slot-cancel", row.public_id))

    assert counts(slot) == (0, 0)


def test_the_counter_reserves_and_then_puts_on_the_list(clerk, walker, make_participant):
    slot = make_slot(**at_noon())

    for person in (walker, make_participant()):
        clerk.post(at("slot-book", slot.public_id), {"number": person.number})
    page = clerk.post(at("slot-book", slot.public_id), {"number": "P-404"}, follow=True)

    assert counts(slot) == (1, 1)
    assert "P-404" in page.content.decode()


def test_a_time_is_closed_and_opened_with_buttons(clerk):
    slot = make_slot(**at_noon())

    clerk.post(at("slot-close", slot.public_id), {"why": ""})
    assert fresh(slot).closed_at is None
    clerk.post(at("slot-close", slot.public_id), {"why": "장비 점검"})
    assert fresh(slot).closed_because == "장비 점검"
    clerk.post(at("slot-reopen", slot.public_id))

    assert fresh(slot).closed_at is None


def test_a_past_day_shows_who_did_not_come(clerk, walker):
    slot = make_slot(**at_noon(-1), opens_at=clock.now() - 90 * HOUR)
    Slot.objects.update(taken=1)
    during = (slot.starts_at, slot.ends_at)
    row = Reservation.objects.create(
        slot=slot, resource=slot.resource, during=during, place=1, participant=walker
    )
    reservations.mark_no_show(row, by=JOB)

    page = clerk.get(at("slots"), {"day": clock.seoul_day(slot.starts_at).isoformat()})

    assert page.context["tally"]["missed"] == 1


def entry(person, **values):
    fields = {"site": "jongno", "number": person.number}
    return fields | values


def test_the_counter_keeps_a_visit(clerk, person, django_assert_max_num_queries):
    instrument = make_instrument()
    values = {"systolic_value": "128", "diastolic_value": "79", "weight_value": "151"}
    chosen = {"systolic_instrument": instrument.serial, "weight_unit": "lb"}

    with django_assert_max_num_queries(75):
        page = clerk.post(at("zone"), entry(person, **values, **chosen))

    assert page.status_code == 200
    kept = dict(Reading.objects.values_list("kind", "value"))
    assert {kind: str(value) for kind, value in kept.items()} == {
        "systolic": "128.0",
        "diastolic": "79.0",
        "weight": "68.5",
    }
    assert AccessLog.objects.filter(what="devices:zone", subjects=[person.number]).exists()


def test_the_counter_says_what_is_wrong_and_keeps_what_was_typed(clerk, person):
    make_instrument()

    page = clerk.post(at("zone"), entry(person, systolic_value="16.2", pulse_value="72"))

    text = page.content.decode()
    assert "kPa" in text
    assert 'value="16.2"' in text
    assert list(Reading.objects.values_list("kind", flat=True)) == ["pulse"]


def test_without_consent_there_is_no_form(clerk, walker):
    make_instrument()

    page = clerk.get(at("zone"), {"number": walker.number})

    assert "systolic_value" not in page.content.decode()


def test_a_zone_of_another_place_is_404(clerk, person):
    make_instrument(site=make_site("mapo"))

    assert clerk.post(at("zone"), entry(person, site="mapo", pulse_value="70")).status_code == 404
    assert Reading.objects.count() == 0


def test_overdue_instruments_are_named(clerk):
    bad = make_instrument(calibrated=False)

    assert clerk.get(at("zone")).context["overdue"] == [bad]


def test_the_trend_is_seen_where_somebody_was_measured(clerk, person, make_participant):
    make_instrument()
    for days in range(4):
        pressure(person, 120 + 20 * days, 80, measured_at=clock.now() - timedelta(days=9 - days))
    elsewhere = agree(make_participant())
    record(told(elsewhere), site=make_site("mapo"))

    page = clerk.get(at("trend", person.number))

    text = page.content.decode()
    assert ("<polyline" in text, "김걷기" in text) == (True, False)
    assert clerk.get(at("trend", elsewhere.number)).status_code == 404
    assert AccessLog.objects.filter(what="devices:trend", subjects=[person.number]).count() == 1


def upload(clerk, content, name="측정.csv"):
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return clerk.post(at("zone-files"), {"site": "jongno", "file": file})


def sheet(person, value="131"):
    moment = (clock.now() - HOUR).astimezone(clock.KST).strftime("%Y-%m-%d %H:%M")
    header = ["참여자번호", "항목", "값", "측정일시"]
    return write_csv(header, [[person.number, "수축기", value, moment]])


def test_a_file_is_looked_at_taken_in_and_taken_back(clerk, person):
    make_instrument()
    page = upload(clerk, sheet(person))
    batch = ReadingBatch.objects.get()
    looked = clerk.get(page.url)
    assert (looked.context["counts"]["accepted"], Reading.objects.count()) == (1, 0)

    clerk.post(page.url, {"do": "take-in"})
    assert clerk.get(page.url).status_code == 200
    clerk.post(page.url, {"do": "undo", "why": "잘못된 파일"})

    batch.refresh_from_db()
    assert (batch.status, Reading.objects.standing().count()) == ("undone", 0)


def test_a_file_nobody_can_read_is_refused_in_words(clerk):
    make_instrument()

    page = upload(clerk, b"PK\x03\x04broken", name="a.xlsx")

    assert page.status_code == 302
    assert ReadingBatch.objects.count() == 0


def test_another_sites_file_is_404(clerk, person, client_of):
    make_instrument()
    upload(clerk, sheet(person))
    other = client_of("site_clerk", scope="site", site_code="mapo")

    pk = ReadingBatch.objects.get().pk
    assert other.get(at("zone-file", pk)).status_code == 404
    assert other.post(at("zone-file", pk), {"do": "take-in"}).status_code == 404


def test_the_next_call_is_taken_called_and_written_down(
    clerk, person, django_assert_max_num_queries
):
    pressure(person, 190, 95)
    page = clerk.post(at("callbacks"))
    assert "010-1234-5678" not in clerk.get(page.url).content.decode()

    with django_assert_max_num_queries(20):
        shown = clerk.post(page.url, {"do": "phone"})
    clerk.post(page.url, {"do": "called", "outcome": "referred", "note": "병원 안내"})

    assert "010-1234-5678" in shown.content.decode()
    reveal = AccessLog.objects.get(action="reveal")
    assert (reveal.subjects, reveal.reason) == (
        [person.number],
        f"call back {RiskAlert.objects.get().pk}",
    )
    assert (RiskAlert.objects.get().status, CallAttempt.objects.count()) == ("done", 1)


def test_the_number_is_only_for_who_has_the_call(clerk, person):
    pressure(person, 190, 95)

    answer = clerk.post(at("callback", RiskAlert.objects.get().pk), {"do": "phone"})

    assert answer.status_code == 403
    assert not AccessLog.objects.filter(action="reveal").exists()


def test_a_call_of_another_place_is_404(clerk, person):
    record(told(person, value="190"), site=make_site("mapo"))

    assert clerk.get(at("callback", RiskAlert.objects.get().pk)).status_code == 404


def test_the_queue_is_a_few_queries(clerk, make_participant, django_assert_max_num_queries):
    for _ in range(6):
        pressure(agree(make_participant()), 190, 95)

    with django_assert_max_num_queries(14):
        page = clerk.get(at("callbacks"))

    assert len(page.context["rows"]) == 6


@pytest.mark.parametrize("tab", ["waiting", "mine", "late", "done", "nonsense"])
def test_every_tab_opens(clerk, person, tab):
    pressure(person, 190, 95)
    alerts.take_next(by=clerk.user)

    assert clerk.get(at("callbacks"), {"tab": tab}).status_code == 200


def test_a_call_needs_an_outcome(clerk, person):
    pressure(person, 190, 95)
    page = clerk.post(at("callbacks"))

    clerk.post(page.url, {"do": "called", "outcome": "nonsense"})

    assert (RiskAlert.objects.get().status, CallAttempt.objects.count()) == ("taken", 0)


def test_a_call_is_put_back(clerk, person):
    pressure(person, 190, 95)
    page = clerk.post(at("callbacks"))

    clerk.post(page.url, {"do": "put-back"})

    assert RiskAlert.objects.get().status == "open"


@pytest.mark.parametrize(
    "model",
    ["resource", "slotplan", "slot", "reservation", "waiting", "priorityrule", "noshowrule",
     "instrument", "threshold"],
)  # fmt: skip
def test_the_registers_open_for_officers(client_of, walker, model):
    reservations.book(walker, make_slot(), by=JOB)
    make_instrument()

    page = client_of("device_officer").get(reverse(f"admin:devices_{model}_changelist"))

    assert page.status_code == 200


@pytest.mark.parametrize("model", ["reading", "riskalert"])
def test_health_data_is_for_the_people_of_the_zone(client_of, person, model):
    pressure(person, 190, 95)
    page = reverse(f"admin:devices_{model}_changelist")

    assert client_of("site_clerk").get(page).status_code == 200
    for role in ("device_officer", "auditor", "agent"):
        assert client_of(role).get(page).status_code == 403


def plan_fields(**changes):
    fields = {
        "resource": make_resource().pk, "effective_from": "2026-11-01", "weekdays": [0, 1],
        "starts_at": "09:00", "ends_at": "12:00", "minutes": 30, "opens_on": "1,16",
        "opens_at": "13:00", "last_call_minutes": 120, "waiting_limit": 20,
    }  # fmt: skip
    return fields | changes


def test_an_officer_plans_times(client_of):
    add = reverse("admin:devices_slotplan_add")

    assert client_of("device_officer").post(add, plan_fields()).status_code == 302

    assert SlotPlan.objects.values_list("weekdays", "opens_on").get() == ([0, 1], [1, 16])


@pytest.mark.parametrize(
    "changes",
    [
        {"opens_on": "31"},
        {"opens_on": ""},
        {"weekdays": [7]},
        {"ends_at": "08:00"},
        {"break_from": "12:00"},
        {"minutes": 0},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_plan_that_makes_no_sense_is_refused_in_words(client_of, changes):
    page = client_of("device_officer").post(
        reverse("admin:devices_slotplan_add"), plan_fields(**changes)
    )

    assert (page.status_code, SlotPlan.objects.count()) == (200, 0)


def test_a_plan_in_force_only_gets_an_end(client_of):
    plan = make_plan()
    page = reverse("admin:devices_slotplan_change", args=[plan.pk])

    client_of("device_officer").post(page, plan_fields(effective_to="2026-12-31", minutes=5))

    plan.refresh_from_db()
    assert (str(plan.effective_to), plan.minutes) == ("2026-12-31", 60)


def test_an_empty_figure_is_a_dash_and_not_markup(client_of):
    page = client_of("device_officer").get(reverse("admin:devices_threshold_changelist"))

    assert "&lt;td" not in page.content.decode()


def test_an_officer_records_a_calibration(client_of):
    instrument = make_instrument(calibrated=False)
    today = clock.today()
    act = reverse("admin:devices_instrument_act", args=[instrument.pk, "calibrate"])
    values = {"done_on": today, "valid_until": today, "certificate_no": "KTL-9"}

    officer = client_of("device_officer")
    assert officer.get(act).status_code == 200
    officer.post(act, values)
    officer.post(act, values | {"done_on": today + timedelta(days=1)})

    assert [row.certificate_no for row in instrument.calibrations.all()] == ["KTL-9"]
