"""The desk of doubtful days."""

import uuid
from datetime import timedelta

import pytest

from points.models import AwardReview, Clawback, Hold, HoldAppeal, HoldRelease
from points.services.awards import judge_days
from points.services.hold_appeals import file_appeal
from points.services.scans import scan_day
from seoul_health.core import clock
from seoul_health.core.models import AccessLog
from tests.conftest import JOB
from tests.points.builders import ERA, balance, take_part, walk
from tests.points.holding import held, reviewed, shake

pytestmark = pytest.mark.django_db
BOARD = "/staff/points/holds/"


@pytest.fixture
def finance(client_of):
    return client_of("finance_officer")


@pytest.fixture
def approver(client_of):
    return client_of("finance_approver")


@pytest.fixture
def hold(walker):
    shake(walker, ERA)
    scan_day(ERA, by=JOB)
    return Hold.objects.get()


def page(hold, verb=""):
    return f"{BOARD}{hold.public_id}/{verb}"


def test_the_queue_shows_what_is_doubtful_and_masks_the_name(finance, hold):
    answer = finance.get(BOARD)
    shown = answer.content.decode()

    assert "240" in answer.context["rows"][0]["says"]
    assert hold.participant.number in shown
    assert "김걷기" not in shown
    assert AccessLog.objects.get().subjects == [hold.participant.number]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 1),
        ("?view=open&signal=shaker", 1),
        ("?view=open&signal=fast", 0),
        ("?view=appealed", 0),
        ("?view=released", 0),
        ("?view=nonsense&signal=x&page=99", 1),
    ],
)
def test_filters_live_in_the_address(finance, hold, query, count):
    shown = finance.get(BOARD + query)

    assert shown.status_code == 200
    assert len(shown.context["rows"]) == count


def test_the_queue_is_read_in_few_questions(
    finance, hold, make_participant, django_assert_max_num_queries
):
    for n in range(4):
        person = make_participant()
        take_part(person)
        shake(person, ERA, beat=100 + n)
    scan_day(ERA, by=JOB)
    finance.get(BOARD)

    with django_assert_max_num_queries(16):
        assert len(finance.get(BOARD).context["rows"]) == 5


def test_the_queue_goes_along_as_a_file(finance, hold):
    answer = finance.get(f"{BOARD}holds.csv?view=open")

    assert answer["Content-Type"].startswith("text/csv")
    assert hold.participant.number in answer.content.decode("utf-8-sig")
    assert AccessLog.objects.get().action == "export"


def test_a_hold_shows_its_hours_beside_the_usual_ones(finance, walker):
    for n in range(1, 4):
        walk(walker, ERA - timedelta(days=n), 8_000)
    shake(walker, ERA)
    scan_day(ERA, by=JOB)
    shown = finance.get(page(Hold.objects.get()))

    chart = shown.context["charts"][0]
    assert (chart["steps"], chart["usual"], chart["days"]) == (26_880, 8_000, 3)
    assert AccessLog.objects.get().what.startswith("hold:")


def test_a_hold_is_released_with_a_reason(approver, hold):
    assert approver.post(page(hold, "release/"), {"why": ""}).status_code == 400
    assert Hold.objects.get().status == "open"
    answer = approver.post(page(hold, "release/"), {"why": "a treadmill"})

    assert (answer.status_code, answer["Location"]) == (302, page(hold))
    assert Hold.objects.get().status == "released"
    assert balance(hold.participant) == 100


def test_a_hold_is_confirmed_and_decided_once(approver, hold):
    approver.post(page(hold, "confirm/"), {"why": "shaken"})
    again = approver.post(page(hold, "release/"), {"why": "no"})

    assert Hold.objects.get().status == "confirmed"
    assert again.status_code == 422
    assert len(again.context["form"].non_field_errors()) == 1


def test_who_raised_a_hold_is_told_that_somebody_else_decides(finance, walker):
    mine = held(walker, finance.user)
    answer = finance.post(page(mine, "confirm/"), {"why": "mine"})

    assert answer.status_code == 422
    assert Hold.objects.get().status == "open"


@pytest.mark.parametrize(("verb", "became"), [("uphold", "released"), ("dismiss", "confirmed")])
def test_an_objection_is_decided_here(approver, hold, verb, became):
    file_appeal(hold, text="<b>I walked</b>", by=hold.participant)
    shown = approver.get(page(hold)).content.decode()
    assert "&lt;b&gt;I walked" in shown
    approver.post(page(hold, f"{verb}/"), {"why": "so it is"})

    assert Hold.objects.get().status == became
    assert HoldAppeal.objects.get().answer == "so it is"


def test_no_objection_is_nothing_to_decide(approver, hold):
    assert approver.post(page(hold, "uphold/"), {"why": "x"}).status_code == 404


def test_days_are_put_on_hold_by_hand(finance, walker):
    assert finance.get(f"{BOARD}raise/?participant={walker.number}").status_code == 200
    given = {
        "participant": walker.number, "first_day": ERA, "last_day": ERA, "why": "a tip",
    }  # fmt: skip
    answer = finance.post(f"{BOARD}raise/", given)

    assert answer.status_code == 302
    assert Hold.objects.get().raised_by == finance.user
    assert finance.post(f"{BOARD}raise/", given).status_code == 422
    assert finance.post(f"{BOARD}raise/", {**given, "participant": "P-0"}).status_code == 400


@pytest.mark.parametrize("role", ["agent", "recruitment_officer", "device_officer"])
def test_other_desks_do_not_see_holds(client_of, hold, role):
    browser = client_of(role)
    for address in (BOARD, page(hold), f"{BOARD}holds.csv", f"{BOARD}raise/"):
        assert browser.get(address).status_code == 403
    assert browser.post(page(hold, "release/"), {"why": "x"}).status_code == 403
    assert Hold.objects.get().status == "open"


def test_the_auditor_sees_and_does_not_decide(client_of, hold):
    auditor = client_of("auditor")

    assert auditor.get(page(hold)).status_code == 200
    assert auditor.post(page(hold, "release/"), {"why": "x"}).status_code == 403


def test_a_district_sees_its_own_people(client_of, hold):
    elsewhere = client_of("finance_officer", scope="district", district="강남구")

    assert elsewhere.get(BOARD).context["rows"] == []
    assert elsewhere.get(page(hold)).status_code == 404
    assert elsewhere.post(page(hold, "confirm/"), {"why": "x"}).status_code == 404


def test_anonymous_visitors_are_sent_to_sign_in(client, hold):
    for address in (BOARD, page(hold), f"{BOARD}raise/"):
        assert client.get(address).status_code == 302
    assert finance_free(client, hold) == 302


def finance_free(client, hold):
    return client.post(page(hold, "release/"), {"why": "x"}).status_code


def test_an_unknown_hold_is_not_found(finance, hold):
    assert finance.get(f"{BOARD}{uuid.uuid4()}/").status_code == 404


def test_a_down_revision_becomes_a_clawback_with_notice(finance, approver, walker, make_staff):
    reviewed(walker, make_staff("finance_officer"), make_staff("finance_approver"))
    review = AwardReview.objects.first()
    finance.post(f"/admin/points/awardreview/{review.pk}/act/propose/", {"answer": "shaken"})
    asked = Clawback.objects.get()
    assert (asked.amount, asked.requested_by) == (200, finance.user)
    assert finance.get(f"/admin/points/clawback/{asked.pk}/change/").status_code == 200
    approver.post(f"/admin/points/clawback/{asked.pk}/act/approve/", {})

    assert Clawback.objects.get().status == "notified"
    assert balance(walker) == 200


def test_points_are_left_on_the_page_of_the_review(finance, walker, make_staff):
    reviewed(walker, make_staff("finance_officer"), make_staff("finance_approver"), days=1)
    review = AwardReview.objects.get()
    finance.post(f"/admin/points/awardreview/{review.pk}/act/keep/", {"why": "our fault"})

    assert AwardReview.objects.get().status == "kept"


def test_a_wrong_cause_is_asked_for_on_its_list(finance, approver, hold):
    today = clock.today()
    given = {
        "signal": "shaker", "raised_from": today, "raised_to": today, "most_score": 100,
        "why": "a firmware",
    }  # fmt: skip
    finance.post("/admin/points/holdrelease/run/", given)
    asked = HoldRelease.objects.get()
    assert asked.requested_by == finance.user
    approver.post(f"/admin/points/holdrelease/{asked.pk}/act/approve/", {})

    assert HoldRelease.objects.get().status == "approved"


@pytest.mark.parametrize("name", ["awardreview", "clawback", "holdrelease", "signalscan"])
def test_finance_and_audit_see_every_list(client_of, hold, name):
    judge_days(hold.participant, [ERA], by=JOB)
    for role in ("finance_officer", "finance_approver", "auditor"):
        assert client_of(role).get(f"/admin/points/{name}/").status_code == 200
