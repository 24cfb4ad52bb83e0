from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from complaints.errors import GuideDayWrong, GuideIncomplete
from complaints.models import FormGuide, GuideScan, GuideText
from complaints.services import guides
from seoul_health.core import clock
from seoul_health.core.db import violated
from tests.complaints.builders import AGENT

pytestmark = pytest.mark.django_db
STEPS = "이름을 적습니다.\n\n서명합니다."


@pytest.fixture
def guide(supervisor) -> FormGuide:
    until = clock.today() + timedelta(days=90)
    made = guides.open_guide("watch-return", owner="건강관리과", review_on=until, by=supervisor)
    guides.release_text(
        made, language="ko", title="반납 신청서", needed="신분증", steps=STEPS, by=supervisor
    )
    return made


def release(guide, by, **more):
    terms = {"language": "ko", "title": "새 글", "needed": "", "steps": "서명합니다."}
    return guides.release_text(guide, **(terms | more), by=by)


def test_the_short_link_counts_and_leads_to_the_guide(client, guide):
    for _time in range(2):
        answer = client.get(f"/g/{guide.code}?w=qr&lang=ko")

    assert answer.status_code == 302
    assert answer["Location"] == "/guides/watch-return/?lang=ko"
    assert GuideScan.objects.values_list("way", "language", "count").get() == ("qr", "ko", 2)


def test_an_unknown_way_counts_as_a_link_and_an_unknown_code_as_nothing(client, guide):
    client.get(f"/g/{guide.code}?w=<script>&lang=xx")

    assert GuideScan.objects.get().way == "link"
    assert client.get("/g/nothing").status_code == 404


def test_a_language_without_text_is_shown_in_korean_and_says_so(client, guide):
    answer = client.get("/guides/watch-return/?lang=vi", headers={"Accept-Language": "en"})

    assert "not been written in your language" in answer.content.decode()
    assert 'lang="ko"' in answer.content.decode()


def test_a_new_version_replaces_the_text_in_force_and_keeps_the_old(guide, supervisor):
    release(guide, supervisor)

    kept = GuideText.objects.order_by("version").values_list("version", "is_in_force")
    assert list(kept) == [(1, False), (2, True)]


@pytest.mark.parametrize("wrong", [{"language": "xx"}, {"title": " "}, {"steps": "\n"}])
def test_an_incomplete_text_is_refused_and_the_old_stays(guide, supervisor, wrong):
    with pytest.raises(GuideIncomplete):
        release(guide, supervisor, **wrong)

    assert GuideText.objects.get().is_in_force


def test_two_guides_cannot_have_one_address(guide, supervisor):
    until = clock.today() + timedelta(days=9)

    with pytest.raises(GuideIncomplete), transaction.atomic():
        guides.open_guide("watch-return", owner="x", review_on=until, by=supervisor)

    assert FormGuide.objects.count() == 1


@pytest.mark.parametrize("days", [-1, 0, 731])
def test_a_review_reaches_ahead_but_not_for_ever(guide, supervisor, days):
    until = clock.today() + timedelta(days=days)

    with pytest.raises(GuideDayWrong):
        guides.review(guide, until=until, remark="", by=supervisor)

    assert not guide.reviews.exists()


def test_a_guide_past_its_day_is_on_the_stale_list_until_it_is_reviewed(guide, supervisor):
    FormGuide.objects.update(review_on=date(2026, 1, 1))
    assert list(guides.guides_of("stale")) == [guide]

    until = clock.today() + timedelta(days=30)
    guides.review(guide, until=until, remark="그대로", by=supervisor)

    assert not guides.guides_of("stale").exists()


def test_a_retired_guide_says_so_where_its_code_still_leads(client, guide, supervisor):
    guides.retire(guide, by=supervisor)

    assert client.get("/guides/watch-return/").status_code == 410
    assert client.get("/api/v1/guides/watch-return/").status_code == 404
    assert "watch-return" not in client.get("/guides/").content.decode()


def test_the_api_gives_text_and_code(client, guide):
    told = client.get("/api/v1/guides/watch-return/?lang=en").json()
    code = client.get("/api/v1/guides/watch-return/qr.svg")

    assert (told["language"], told["steps"]) == ("ko", ["이름을 적습니다.", "서명합니다."])
    assert code["Content-Type"] == "image/svg+xml"
    assert b"<svg" in code.content


def test_agents_read_the_register_and_supervisors_write_it(client, client_of, guide):
    assert client.get("/desk/guides/").status_code == 302
    assert client_of("finance_officer").get("/desk/guides/").status_code == 403
    agent = client_of("agent", **AGENT)
    assert agent.get("/desk/guides/watch-return/").status_code == 200
    assert agent.post("/desk/guides/watch-return/", {"step": "retire"}).status_code == 403
    assert not FormGuide.objects.get().is_retired


def test_a_supervisor_opens_releases_and_prints(client_of):
    browser = client_of("supervisor", **AGENT)
    until = (clock.today() + timedelta(days=30)).isoformat()
    terms = {"slug": "new-form", "owner": "과", "review_on": until}

    assert browser.post("/desk/guides/", terms).status_code == 302
    text = {"step": "text", "language": "ko", "title": "제목", "steps": "적습니다."}
    assert browser.post("/desk/guides/new-form/", text).status_code == 302
    assert browser.get("/desk/guides/new-form/sheet.pdf").content[:5] == b"%PDF-"
    assert browser.post("/desk/guides/", terms).status_code == 422
    assert browser.post("/desk/guides/", {"slug": "?"}).status_code == 422


def test_a_refused_review_keeps_what_was_typed(client_of, guide):
    typed = {"step": "review", "until": "2099-01-01", "remark": "그대로 맞음"}

    answer = client_of("supervisor", **AGENT).post("/desk/guides/watch-return/", typed)

    assert answer.status_code == 422
    assert "그대로 맞음" in answer.content.decode()
    assert not guide.reviews.exists()


def test_the_register_asks_the_database_few_questions(
    client_of, supervisor, django_assert_max_num_queries
):
    browser = client_of("agent", **AGENT)
    until = clock.today() + timedelta(days=30)
    for number in range(8):
        made = guides.open_guide(f"form-{number}", owner="과", review_on=until, by=supervisor)
        release(made, supervisor)

    with django_assert_max_num_queries(12):
        answer = browser.get("/desk/guides/")

    assert answer.content.decode().count("/g/") == 8


def test_the_public_list_asks_as_often_for_eight_guides_as_for_one(
    client, supervisor, django_assert_max_num_queries
):
    until = clock.today() + timedelta(days=30)
    for number in range(8):
        made = guides.open_guide(f"form-{number}", owner="과", review_on=until, by=supervisor)
        for _version in range(2):
            release(made, supervisor)

    with django_assert_max_num_queries(3):
        answer = client.get("/guides/")

    assert [text.version for _guide, text in answer.context["rows"]] == [2] * 8


def test_the_printed_code_leads_to_the_public_address(guide, settings):
    settings.PUBLIC_URL = "https://public.example"

    assert guides.short_address(guide) == f"https://public.example/g/{guide.code}"


def broken(act) -> str:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        act()
    return violated(refused.value)


def test_the_database_refuses_impossible_guides(guide, supervisor):
    text = GuideText.objects.get()
    terms = {"guide": guide, "language": "ko", "title": "x", "steps": "x"}
    terms["released_by"] = supervisor
    count = {"guide": guide, "day": clock.today(), "way": "qr", "language": "ko"}
    GuideScan.objects.create(**count)
    for act, name in (
        (lambda: FormGuide.objects.update(owner=""), "a_guide_has_an_owner"),
        (lambda: FormGuide.objects.update(code="O0l1"), "a_short_code_is_readable"),
        (
            lambda: GuideText.objects.create(version=1, is_in_force=False, **terms),
            "one_text_per_guide_and_version",
        ),
        (lambda: GuideText.objects.create(version=2, **terms), "one_text_of_a_guide_in_force"),
        (
            lambda: GuideText.objects.filter(pk=text.pk).update(steps=""),
            "a_guide_says_what_to_do",
        ),
        (lambda: GuideScan.objects.create(**count), "one_count_per_guide_day_and_way"),
    ):
        assert broken(act) == name
