from datetime import date

import pytest
from django.urls import reverse

from complaints.models import KnowledgeArticle
from complaints.rules.likeness import covered, likeness, pairs
from complaints.services import contacts, knowledge
from tests.complaints.builders import AGENT, category, receive_one

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def browser(client_of):
    return client_of("agent", **AGENT)


def test_pairs_take_words_apart_without_signs_and_case():
    assert pairs("Go, 걷기 0!") == {"go", "걷기"}


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [("걷기", "걷기", 1.0), ("걷기", "포인트", 0.0), ("", "", 0.0), ("포인트", "포인", 2 / 3)],
)
def test_likeness_is_the_share_of_common_pairs(one, other, alike):
    assert likeness(pairs(one), pairs(other)) == pytest.approx(alike)


def test_the_best_phrase_counts():
    assert covered(pairs("어제 걸음이 0"), [pairs("포인트"), pairs("어제")]) == 1.0
    assert covered(pairs("어제"), []) == 0.0


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("어제 분명히 걸었는데 걷기 0으로 나와요", "walk_zero"),
        ("워치 송장 번호가 뭔가요 언제 와요", "watch_where"),
        ("포인트 전환했는데 돈이 안 들어와요", "payout_late"),
        ("워치 화면이 안 켜져요", "watch_faulty"),
        ("휴대폰이랑 워치 두 기기 걸음을 합산해 주세요", "two_devices"),
    ],
)
def test_a_question_finds_its_article(asked, code):
    assert knowledge.suggest(asked)[0].code == code


@pytest.mark.parametrize("asked", ["", "zzz", "\u2022 \u2022", "0" * 10_000])
def test_nothing_is_suggested_for_nothing(asked):
    assert knowledge.suggest(asked) == []


def test_an_article_out_of_use_is_not_suggested():
    KnowledgeArticle.objects.filter(code="walk_zero").update(is_active=False)

    found = knowledge.suggest("걷기 0 걸음수 0")

    assert "walk_zero" not in [one.code for one in found]


def test_articles_nobody_looked_at_again_are_stale():
    KnowledgeArticle.objects.filter(code="sign_in").update(review_on=date(2026, 1, 1))

    assert [one.code for one in KnowledgeArticle.objects.stale(date(2026, 1, 2))] == ["sign_in"]
    assert not KnowledgeArticle.objects.stale(date(2026, 1, 1)).exists()


def test_the_same_complaint_twice_is_seen(walker, complaint, agent):
    again = receive_one(walker, title="어제 걸음이 0이에요")

    found = knowledge.alike(
        again, participant_id=walker.pk, category=again.category, text=again.title, by=agent
    )

    assert found == [complaint]


def test_another_matter_and_another_person_are_not_the_same(make_participant, walker, agent):
    receive_one(walker, code="watch_return", title="반납 장소 문의", text="어디에 반납하나요")
    receive_one(make_participant(), title="어제 걸음이 0")

    terms = {"category": category(), "text": "어제 걸음이 0으로 나옵니다", "by": agent}
    assert knowledge.alike(participant_id=walker.pk, **terms) == []


def test_the_desk_shows_the_same_complaint_of_the_person(browser, walker, complaint):
    again = receive_one(walker, title="어제 걸음이 0이에요")

    page = browser.get(reverse("desk:case", args=[again.receipt_no]), headers=FRAGMENT)

    assert page.context["alike"] == [complaint]
    assert complaint.receipt_no in page.content.decode()


def test_articles_are_suggested_while_an_answer_is_typed(browser, complaint):
    address = reverse("desk:suggest", args=[complaint.receipt_no])

    page = browser.post(address, {"text": "워치 송장 운송장"}, headers=FRAGMENT)

    assert "watch_where" in [one.code for one in page.context["articles"]]
    assert "data-insert=" in page.content.decode()


def test_a_call_shows_what_was_complained_of_before(browser, walker, complaint):
    call = contacts.open_contact(walker, by=browser.user)
    address = reverse("desk:alike", args=[call.public_id])

    page = browser.post(address, {"category": "points_missing", "title": "어제 걸음이 0"})

    assert page.context["alike"] == [complaint]


def test_a_caller_without_an_account_gets_articles_only(browser):
    call = contacts.open_contact(None, by=browser.user)
    address = reverse("desk:alike", args=[call.public_id])

    page = browser.post(address, {"category": "none", "title": "포인트 전환 출금"})

    assert page.context["alike"] == []
    assert page.context["articles"][0].code == "payout_late"


def test_suggesting_costs_few_queries(browser, complaint, django_assert_max_num_queries):
    address = reverse("desk:suggest", args=[complaint.receipt_no])
    browser.post(address, {"text": "걷기 0"}, headers=FRAGMENT)

    with django_assert_max_num_queries(14):
        browser.post(address, {"text": "걷기 0"}, headers=FRAGMENT)
