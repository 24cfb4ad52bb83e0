"""A reviewer's day: the queue, the next item, documents, a decision, and who may do it."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from participants.errors import DecidedAlready, HeldByAnother, ReasonUnfit
from participants.models import Application, Decision, ReasonCode, ReviewClaim
from participants.services import applications, evidence, reviewing
from participants.services.reviewing import Wanted
from seoul_health.core import clock
from seoul_health.core.models import AccessLog
from tests.participants.papers import pdf, picture
from tests.participants.recruiting import open_lane, submitted

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def lane():
    return open_lane(seats=50)


@pytest.fixture
def waiting(make_participant, lane):
    people = [make_participant(is_resident=True) for _ in range(3)]
    return [submitted(person, lane) for person in people]


@pytest.fixture
def kim(make_staff):
    return make_staff("recruitment_officer", username="kim")


@pytest.fixture
def lee(make_staff):
    return make_staff("recruitment_officer", username="lee")


@pytest.fixture
def browser(kim):
    client = Client()
    client.force_login(kim, backend="seoul_health.core.roles.RoleBackend")
    return client


def page_of(verb, application):
    return reverse(f"review:{verb}", args=[application.receipt_no])


def test_the_oldest_comes_first_and_nobody_gets_the_same(waiting, kim, lee):
    assert reviewing.take_next(by=kim) == waiting[0]
    assert reviewing.take_next(by=lee) == waiting[1]
    assert reviewing.take_next(by=kim) == waiting[0]  # Still on the desk.
    assert Application.objects.get(pk=waiting[0].pk).status == "under_review"


def test_a_skipped_item_comes_again_at_the_end(waiting, kim):
    first = reviewing.take_next(by=kim)

    second = reviewing.take_next(by=kim, after=first)
    third = reviewing.take_next(by=kim, after=second)

    assert [first, second, third] == waiting
    assert reviewing.take_next(by=kim, after=third) == waiting[0]
    assert ReviewClaim.objects.count() == 1


def test_a_claim_runs_out(waiting, kim, lee):
    reviewing.take_next(by=kim)

    with time_machine.travel(clock.now() + timedelta(minutes=16), tick=False):
        assert reviewing.take_next(by=lee) == waiting[0]

    assert ReviewClaim.objects.get().reviewer == lee


def test_a_reviewer_asks_for_a_part_of_the_queue(make_participant, lane, kim):
    submitted(make_participant(is_resident=True), lane)
    worker = submitted(make_participant(), lane, basis="worker")
    other = submitted(make_participant(is_resident=True), open_lane())

    assert reviewing.take_next(by=kim, wanted=Wanted(basis="worker")) == worker
    assert reviewing.take_next(by=kim, wanted=Wanted(round=other.round.code)) == other
    assert reviewing.take_next(by=kim, wanted=Wanted(lane="needs_watch")) is None


def test_a_district_sees_its_own_queue(make_participant, make_staff, lane):
    submitted(make_participant(is_resident=True, district="중구"), lane)
    own = submitted(make_participant(is_resident=True, district="종로구"), lane)
    clerk = make_staff("recruitment_officer", scope="district", district="종로구")

    assert list(reviewing.queue(clerk, Wanted())) == [own]
    assert reviewing.take_next(by=clerk) == own


def test_what_another_has_open_is_not_decided(waiting, kim, lee):
    reviewing.take_next(by=kim)

    with pytest.raises(HeldByAnother):
        reviewing.decide(waiting[0], "approved", by=lee)

    assert not Decision.objects.exists()


def test_the_second_is_told_who_decided(waiting, kim, lee):
    reviewing.decide(waiting[0], "approved", by=kim)

    with pytest.raises(DecidedAlready) as refusal:
        reviewing.decide(waiting[0], "rejected", by=lee, note="늦었습니다.")

    assert refusal.value.params["who"] == "kim"
    assert Application.objects.get(pk=waiting[0].pk).status == "approved"
    assert Decision.objects.count() == 1


def test_a_rejection_says_the_sentence_of_its_reason(waiting, kim):
    code = ReasonCode.objects.get(code="wrong_kind")

    reviewing.decide(waiting[0], "rejected", by=kim, code=code, note="명함이 아닌 증명서.")

    row = Application.objects.get(pk=waiting[0].pk)
    assert row.reason_code == code
    assert row.reason == f"{code.sentence} 명함이 아닌 증명서."
    assert Decision.objects.get().reason == row.reason


def test_a_reason_is_used_for_what_it_is_for(waiting, kim):
    code = ReasonCode.objects.get(code="send_clearer")

    with pytest.raises(ReasonUnfit):
        reviewing.decide(waiting[0], "rejected", by=kim, code=code)
    ReasonCode.objects.filter(pk=code.pk).update(is_active=False)
    with pytest.raises(ReasonUnfit):
        reviewing.decide(
            waiting[0], "on_hold", by=kim, code=ReasonCode.objects.get(code="send_clearer")
        )

    assert not Decision.objects.exists()


def test_the_evidence_a_rejection_rests_on_stays(make_participant, lane, kim):
    application = submitted(make_participant(), lane, basis="worker")
    paper = evidence.attach(
        application,
        kind="employment",
        content=picture(),
        claimed_type="image/jpeg",
        by=application.participant,
    )

    applications.reject(application, by=kim, reason="글자를 알아볼 수 없습니다.")

    decision = Decision.objects.get()
    assert decision.evidence == [
        {"id": str(paper.public_id), "kind": "employment", "sha256": paper.kept_sha256}
    ]
    paper.refresh_from_db()
    assert paper.frozen_at == decision.decided_at


def test_figures_of_the_desk(waiting, kim):
    reviewing.decide(waiting[0], "approved", by=kim)
    Application.objects.filter(pk=waiting[1].pk).update(promised_on=clock.today())

    figures = reviewing.counters(kim, Wanted())

    assert (figures.waiting, figures.mine_today, figures.near_breach) == (2, 1, 1)
    assert figures.oldest == Application.objects.get(pk=waiting[1].pk).submitted_at


def test_the_page_shows_masked_people_and_writes_down_who_looked(browser, waiting):
    answer = browser.get(page_of("item", waiting[0]))

    page = answer.content.decode()
    assert "김*기" in page
    assert "김걷기" not in page
    assert "1234-5678" not in page
    seen = AccessLog.objects.filter(what__startswith="review:application")
    assert seen.get().subjects == [waiting[0].participant.number]


def test_a_decision_is_followed_by_the_next_item(browser, waiting):
    browser.post(reverse("review:next"), **HTMX)

    answer = browser.post(page_of("decide", waiting[0]), {"verb": "approve"}, **HTMX)

    assert answer.status_code == 200
    assert answer.headers["HX-Push-Url"] == page_of("item", waiting[1])
    assert waiting[1].receipt_no in answer.content.decode()
    assert Application.objects.get(pk=waiting[0].pk).status == "approved"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"verb": "reject"}, 422),
        ({"verb": "reject", "code": "send_clearer"}, 422),
        ({"verb": "hold", "code": "age"}, 422),
        ({"verb": "delete"}, 422),
        ({"verb": "hold", "code": "send_clearer", "note": "가" * 151}, 422),
        ({"verb": "reject", "code": "' OR 1=1 --"}, 422),
        ({}, 422),
    ],
)
def test_a_decision_needs_its_reason(browser, waiting, sent, status):
    answer = browser.post(page_of("decide", waiting[0]), sent, **HTMX)

    assert answer.status_code == status
    assert 'role="alert"' in answer.content.decode()
    assert not Decision.objects.exists()


def test_a_failed_rule_is_named_and_the_item_stays(browser, make_participant, lane):
    application = submitted(make_participant(), lane, basis="worker")

    answer = browser.post(page_of("decide", application), {"verb": "approve"}, **HTMX)

    assert answer.status_code == 422
    assert Application.objects.get().status == "submitted"


def test_script_in_names_and_notes_is_only_text(browser, make_participant, lane):
    trap = "<img src=x onerror=alert(1)>"
    application = submitted(make_participant(name=trap, is_resident=True), lane)
    code = {"verb": "hold", "code": "send_missing", "note": trap}
    browser.post(page_of("decide", application), code, **HTMX)

    page = browser.get(page_of("item", application)).content.decode()

    assert Application.objects.get().reason.endswith(trap)
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


@pytest.fixture
def paper(make_participant, lane):
    application = submitted(make_participant(), lane, basis="worker")
    return evidence.attach(
        application,
        kind="employment",
        content=pdf(pages=2),
        claimed_type="application/pdf",
        by=application.participant,
    )


def test_a_page_is_a_sealed_picture_and_is_written_down(browser, paper):
    answer = browser.get(reverse("review:picture", args=[paper.public_id, 2]))

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    log = AccessLog.objects.get(what=f"review:paper:{paper.pk}:2")
    assert log.subjects == [paper.application.participant.number]
    assert browser.get(reverse("review:picture", args=[paper.public_id, 3])).status_code == 404


@pytest.mark.parametrize("role", ["agent", "device_officer", "site_clerk", "auditor"])
def test_the_desk_is_for_reviewers(client_of, waiting, paper, role):
    other = client_of(role)

    for address in (
        reverse("review:home"),
        page_of("item", waiting[0]),
        reverse("review:picture", args=[paper.public_id, 1]),
    ):
        assert other.get(address).status_code == 403
    assert other.post(page_of("decide", waiting[0]), {"verb": "approve"}).status_code == 403
    assert Client().get(reverse("review:home")).status_code == 302
    assert not Decision.objects.exists()


def test_another_district_s_item_is_nowhere(client_of, waiting, paper):
    other = client_of("recruitment_officer", scope="district", district="강남구")

    assert other.get(page_of("item", waiting[0])).status_code == 404
    assert other.post(page_of("decide", waiting[0]), {"verb": "approve"}).status_code == 404
    picture_url = reverse("review:picture", args=[paper.public_id, 1])
    assert other.get(picture_url).status_code == 404
    assert not Decision.objects.exists()


def test_the_queue_costs_the_same_however_long(
    browser, waiting, make_participant, lane, django_assert_max_num_queries
):
    for _ in range(9):
        submitted(make_participant(is_resident=True), lane)

    with django_assert_max_num_queries(12):
        assert browser.get(reverse("review:queue"), **HTMX).status_code == 200
