"""An official writes a round on one page, tries rules and reads fairness, without a developer."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.cache import cache

from participants.models import Lane, Quota, RecruitmentRound, RoundChange, RuleTrial
from participants.services import fairness, rounds
from participants.services.round_changes import extend_window
from participants.services.rule_trials import run_trial
from seoul_health.core import clock
from seoul_health.core.models import AccessLog, AuditEvent
from tests.conftest import JOB
from tests.participants.recruiting import add_lane, born, draft_round, open_lane, submitted

pytestmark = pytest.mark.django_db
ADMIN = "/admin/participants"
WHY = "접수 장애로 기간을 연장합니다."


@pytest.fixture
def officer(make_staff):
    return make_staff("recruitment_officer")


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


def form(*, quotas=None, **changes):
    """Fill the page in: one lane of two quotas, one version of the rules."""
    body = {
        "code": "2027-a",
        "name": "정기 모집",
        "starts_on": "2027-03-02",
        "ends_on": "2027-08-31",
        "lanes-TOTAL_FORMS": "1",
        "lanes-INITIAL_FORMS": "0",
        "lanes-0-kind": "needs_watch",
        "lanes-0-method": "first_come",
        "lanes-0-opens_at": "2027-02-01T10:00:00",
        "lanes-0-closes_at": "2027-02-06T18:00:00",
        "lanes-0-offer_hours": "48",
        "rules-TOTAL_FORMS": "1",
        "rules-INITIAL_FORMS": "0",
        "rules-0-version": "1",
        "rules-0-effective_from": "2027-01-04",
        "rules-0-reference_date": "2027-03-02",
        "rules-0-min_age": "19",
        "rules-0-bases": ["resident", "worker"],
        "rules-0-papers_worker": ["employment", "business_card"],
    }
    rows = quotas or [
        {"code": "wave-1", "seats": "10000", "spill_order": "0",
         "closes_at": "2027-02-03T10:00:00"},
        {"code": "young", "group": "age_band", "value": "20-29", "seats": "500",
         "spill_order": "1"},
    ]  # fmt: skip
    body |= {"lanes-0-quotas-TOTAL_FORMS": str(len(rows)), "lanes-0-quotas-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        for name, value in ({"group": "general", "value": ""} | row).items():
            body[f"lanes-0-quotas-{number}-{name}"] = value
    return body | changes


def test_a_round_is_written_on_one_page(desk):
    answer = desk.post(f"{ADMIN}/recruitmentround/add/", form())

    assert answer.status_code == 302
    lane = Lane.objects.get()
    assert lane.opens_at.astimezone(clock.KST).isoformat() == "2027-02-01T10:00:00+09:00"
    assert list(lane.quotas.order_by("spill_order").values_list("code", "seats")) == [
        ("wave-1", 10_000), ("young", 500),
    ]  # fmt: skip
    assert lane.round.rules.get().evidence_needed == {"worker": ["employment", "business_card"]}
    assert AuditEvent.objects.filter(verb="drafted").exists()

    rounds.announce(lane.round, by=JOB)
    assert RecruitmentRound.objects.get().status == "announced"


def test_weekdays_are_chosen_from_lists(desk):
    terms = {"lanes-0-method": "weekday_by_birth_year", "lanes-0-weekday_30": "2"}
    desk.post(f"{ADMIN}/recruitmentround/add/", form(**terms))

    assert Lane.objects.get().weekdays == {"30": 2}


@pytest.mark.parametrize(
    ("changes", "quota"),
    [
        ({"lanes-0-closes_at": "2027-01-01T10:00:00"}, {}),
        ({"lanes-0-weekday_30": "2"}, {}),
        ({"lanes-0-weekday_30": "9"}, {}),
        ({"lanes-0-offer_hours": "0"}, {}),
        ({}, {"group": "district", "value": "부산"}),
        ({}, {"group": "age_band", "value": "스물"}),
        ({}, {"group": "senior", "value": "x"}),
        ({}, {"closes_at": "2028-01-01T10:00:00"}),
        ({}, {"opens_at": "2027-01-01T10:00:00"}),
        ({}, {"seats": "-1"}),
        ({"ends_on": "2027-03-01"}, {}),
        ({"rules-0-max_age": "5"}, {}),
        ({"rules-0-bases": []}, {}),
        ({"rules-0-papers_worker": ["passport"]}, {}),
    ],
    ids=[
        "window backwards", "weekdays unused", "no such weekday", "no time to accept", "district",
        "age band", "value unused", "wave too late", "wave too early", "seats below none",
        "days backwards", "ages backwards", "nobody may apply", "unknown paper",
    ],
)  # fmt: skip
def test_what_does_not_hold_together_is_not_kept(desk, changes, quota):
    row = {"code": "general", "seats": "10", "spill_order": "0", **quota}

    answer = desk.post(f"{ADMIN}/recruitmentround/add/", form(quotas=[row], **changes))

    assert answer.status_code == 200
    assert not RecruitmentRound.objects.exists()
    assert not Quota.objects.exists()


def test_one_spill_over_order_is_used_once(desk):
    rows = [{"code": code, "seats": "1", "spill_order": "0"} for code in ("a", "b")]

    desk.post(f"{ADMIN}/recruitmentround/add/", form(quotas=rows))

    assert not RecruitmentRound.objects.exists()


def test_what_is_missing_is_named(desk):
    draft = draft_round()
    add_lane(draft, seats=0)

    page = desk.get(f"{ADMIN}/recruitmentround/{draft.pk}/change/").content.decode()

    assert "정원이 있습니다" in page
    assert page.count("미비") == 1


def edit_of(lane):
    """Forge the page of a draft for a round that has left it."""
    quota = lane.quotas.get()
    return form(
        quotas=[{"id": str(quota.pk), "code": "general", "seats": "99999", "spill_order": "0"}],
        **{
            "lanes-0-id": str(lane.pk),
            "lanes-INITIAL_FORMS": "1",
            "lanes-0-quotas-INITIAL_FORMS": "1",
            "lanes-0-kind": lane.kind,
        },
    )


def test_a_forged_post_to_a_frozen_round_is_refused(desk):
    lane = open_lane()

    answer = desk.post(f"{ADMIN}/recruitmentround/{lane.round.pk}/change/", edit_of(lane))

    assert answer.status_code == 403
    assert Quota.objects.get().seats == 10
    assert Lane.objects.get().opens_at == lane.opens_at


def test_lanes_and_quotas_have_no_forms_of_their_own(desk):
    lane = open_lane()
    quota = lane.quotas.get()

    for path in (f"lane/{lane.pk}", f"quota/{quota.pk}"):
        assert desk.post(f"{ADMIN}/{path}/change/", {"seats": "9"}).status_code == 403

    assert Quota.objects.get().seats == 10


def test_a_past_round_is_copied_as_a_draft(desk):
    lane = open_lane()
    later = lane.round.starts_on + timedelta(days=365)

    desk.post(
        f"{ADMIN}/recruitmentround/{lane.round.pk}/act/copy/",
        {"code": "next-year", "name": "다음 모집", "starts_on": later.isoformat()},
    )

    draft = RecruitmentRound.objects.get(code="next-year")
    copied = draft.lanes.get()
    assert draft.status == "draft"
    assert copied.opens_at == lane.opens_at + timedelta(days=365)
    assert copied.quotas.get().seats == 10
    assert draft.rules.get().min_age == 19


def test_a_copy_needs_a_code_of_its_own(desk):
    lane = open_lane()

    answer = desk.post(
        f"{ADMIN}/recruitmentround/{lane.round.pk}/act/copy/",
        {"code": lane.round.code, "name": "x", "starts_on": "2027-01-01"},
        follow=True,
    )

    assert "이미 있습니다" in answer.content.decode()
    assert RecruitmentRound.objects.count() == 1


def test_a_window_is_extended_by_two_people_on_screen(desk, client, make_staff):
    lane = open_lane()
    later = (lane.closes_at + timedelta(days=1)).astimezone(clock.KST)
    desk.post(
        f"{ADMIN}/recruitmentround/{lane.round.pk}/act/extend/",
        {"lane": lane.kind, "closes_at": f"{later:%Y-%m-%dT%H:%M:%S}", "reason": WHY},
    )
    change = RoundChange.objects.get()

    desk.post(f"{ADMIN}/roundchange/{change.pk}/act/apply/")
    assert Lane.objects.get().closes_at == lane.closes_at

    client.force_login(make_staff("recruitment_officer"))
    client.post(f"{ADMIN}/roundchange/{change.pk}/act/apply/")
    assert Lane.objects.get().closes_at == later.replace(microsecond=0)


def test_new_rules_are_proposed_on_screen(desk):
    lane = open_lane()
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()

    desk.post(
        f"{ADMIN}/recruitmentround/{lane.round.pk}/act/propose/",
        {"effective_from": tomorrow, "reference_date": tomorrow, "min_age": "30",
         "bases": ["resident"], "reason": WHY},
    )  # fmt: skip

    rule = lane.round.rules.get(version=2)
    assert (rule.status, rule.min_age, rule.evidence_needed) == ("proposed", 30, {})


def test_an_auditor_reads_and_decides_nothing(client, make_staff, officer):
    lane = open_lane()
    change = extend_window(
        lane, closes_at=lane.closes_at + timedelta(days=1), reason=WHY, by=officer
    )
    client.force_login(make_staff("auditor"))

    assert client.get(f"{ADMIN}/roundchange/{change.pk}/change/").status_code == 200
    assert client.post(f"{ADMIN}/roundchange/{change.pk}/act/apply/").status_code == 403
    assert client.get(f"{ADMIN}/ruletrial/run/").status_code == 403
    assert RoundChange.objects.get().status == "proposed"


def test_rules_are_tried_on_screen_and_the_people_are_masked(desk, make_participant):
    lane = open_lane()
    person = make_participant(is_resident=True, born=born(30))
    submitted(person, lane)
    answer = desk.post(
        f"{ADMIN}/ruletrial/run/",
        {"name": "40세부터", "rounds": [lane.round.pk], "reference_date": "2026-11-23",
         "min_age": "40", "bases": ["resident"]},
    )  # fmt: skip
    assert answer.status_code == 302
    trial = RuleTrial.objects.get()
    run_trial(trial, by=JOB)

    page = desk.get(f"{ADMIN}/ruletrial/{trial.pk}/change/").content.decode()
    people = desk.get(f"{ADMIN}/trialresult/?trial__id__exact={trial.pk}&rule=too_young")

    assert "새로 미충족" in page
    assert person.number in people.content.decode()
    assert person.profile.name not in people.content.decode()
    assert AccessLog.objects.filter(subjects__contains=[person.number]).exists()


def test_a_version_that_exists_is_tried(desk, make_participant):
    lane = open_lane()
    submitted(make_participant(is_resident=True), lane)
    rule = lane.round.rules.get()

    desk.post(
        f"{ADMIN}/ruletrial/run/",
        {"name": "그대로", "rounds": [lane.round.pk], "version": rule.pk},
    )

    assert RuleTrial.objects.get().terms["min_age"] == 19


def test_a_fairness_report_is_read_and_taken_for_a_reason(desk, officer, make_participant):
    lane = open_lane()
    submitted(make_participant(is_resident=True, district="중구"), lane)
    report = fairness.plan_report(lane.round, by=officer)
    fairness.run_report(report, by=JOB)
    path = f"{ADMIN}/fairnessreport/{report.pk}"

    assert "중구" in desk.get(f"{path}/change/").content.decode()
    assert (
        desk.post(f"{path}/export/", {"kind": "csv"})
        .headers["Content-Type"]
        .startswith("text/html")
    )
    taken = desk.post(f"{path}/export/", {"kind": "csv", "reason": "의회 제출 자료"})

    rows = list(csv.reader(io.StringIO(taken.content.decode("utf-8-sig"))))
    assert len(rows) == 1 + 4
    assert AuditEvent.objects.filter(verb="exported").count() == 1


def test_the_dashboard_tells_each_figure(desk, make_participant, django_assert_max_num_queries):
    lane = open_lane(seats=7)
    for _ in range(3):
        submitted(make_participant(is_resident=True), lane)
    cache.clear()

    with django_assert_max_num_queries(45):
        page = desk.get(f"/staff/rounds/{lane.round.code}/")

    body = page.content.decode()
    assert page.context["lines"][0]["applied"].number == 3
    assert (page.context["lines"][0]["seats"], page.context["lines"][0]["free"]) == (7, 7)
    assert page.context["hours"][0]["total"] == 3
    assert f"round__id__exact={lane.round.pk}" in body


def test_the_dashboard_is_for_staff(client, make_staff):
    lane = open_lane()
    path = f"/staff/rounds/{lane.round.code}/"

    assert client.get(path).status_code == 302
    client.force_login(make_staff("system_operator"))
    assert client.get(path).status_code == 403
    client.force_login(make_staff("recruitment_officer"))
    assert client.get("/staff/rounds/nothing-here/").status_code == 404
