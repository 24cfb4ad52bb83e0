import itertools
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from participants.models import Application, Lane, Quota, RecruitmentRound
from participants.services import applications, selection
from seoul_health.core import clock
from tests.conftest import JOB
from tests.participants.recruiting import add_lane, approved, draft_round, open_lane, submitted

pytestmark = pytest.mark.django_db
STATUS = "/apply/status/"


@pytest.fixture
def person(make_participant):
    return make_participant(is_resident=True)


def text_of(answer):
    return answer.content.decode()


@pytest.mark.parametrize("path", ["/", "/rounds/", "/apply/", "/apply/status/"])
def test_a_page_can_be_read_by_everybody(client, path):
    open_lane()

    answer = client.get(path)
    page = text_of(answer)

    assert answer.status_code == 200
    assert '<html lang="ko"' in page
    assert page.count("<h1") == 1
    assert 'href="#content"' in page
    assert "<script" not in page
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_field_has_its_label(client):
    page = text_of(client.get(STATUS))

    fields = re.findall(r'<input type="text"[^>]* id="(\w+)"', page)
    assert fields == ["id_receipt_no", "id_proof"]
    for field in fields:
        assert f'for="{field}"' in page
        assert f'aria-describedby="{field}_helptext"' in page
        assert f'id="{field}_helptext"' in page


def test_a_draft_round_is_nobodys_business(client):
    found = draft_round()

    assert client.get(f"/rounds/{found.code}/").status_code == 404
    assert found.code not in text_of(client.get("/rounds/"))


def test_a_round_tells_windows_seats_and_rules(client):
    lane = open_lane(seats=1234)

    page = text_of(client.get(f"/rounds/{lane.round.code}/"))

    assert "1,234" in page
    assert "19" in page


def test_public_pages_may_be_kept_but_not_where_one_stands(client):
    lane = open_lane()

    for path in ("/rounds/", f"/rounds/{lane.round.code}/", "/apply/"):
        assert "public" in client.get(path).headers["Cache-Control"]
    assert client.get(STATUS).headers["Cache-Control"] == "no-store"


def test_a_window_says_how_far_away_it_is():
    from participants.public.words import window_of

    now = clock.now()
    ahead = window_of(now + timedelta(days=3, minutes=1), now + timedelta(days=9), is_taking=True)
    running = window_of(now - timedelta(days=1), now + timedelta(hours=5), is_taking=True)
    over = window_of(now - timedelta(days=9), now - timedelta(days=1), is_taking=True)

    assert "3" in ahead.sentence
    assert (ahead.tone, running.tone, over.tone) == ("info", "ok", "neutral")


def test_a_round_that_was_closed_early_is_not_open():
    from participants.public.words import window_of

    now = clock.now()
    closed = window_of(now - timedelta(days=1), now + timedelta(days=1), is_taking=False)

    assert closed.tone == "neutral"


def test_papers_come_from_the_rule_in_force(client):
    open_lane(rule={"bases": ["worker"], "evidence_needed": {"worker": ["business_card"]}})

    page = text_of(client.get("/apply/"))

    assert "명함" in page or "Business card" in page
    assert "학생증" not in page


def test_the_order_of_spill_over_is_said(client):
    lane = open_lane()
    from participants.public.words import spill_over

    quotas = [
        Quota(lane=lane, code="a", group="senior", seats=1),
        Quota(lane=lane, code="b", group="general", seats=1),
    ]

    sentence = spill_over(quotas)
    assert sentence.index(quotas[0].get_group_display()) < sentence.index("→")
    assert spill_over(quotas[:1]) == ""


def test_weekdays_are_told_where_a_lane_has_them():
    from participants.public.words import weekdays_of

    own = Lane(method=Lane.Method.WEEKDAY_BY_BIRTH_YEAR, weekdays={"20": 2, "30": 3})

    assert len(weekdays_of(own)) == 2
    assert weekdays_of(Lane(method=Lane.Method.FIRST_COME)) == []


@pytest.mark.parametrize("rounds", [1, 4])
def test_rounds_cost_the_same_however_many(client, rounds):
    for _ in range(rounds):
        open_lane()

    with CaptureQueriesContext(connection) as queries:
        client.get("/rounds/")

    assert len(queries) <= 6


def look_up(client, receipt_no, proof, **extra):
    return client.post(STATUS, {"receipt_no": receipt_no, "proof": proof}, **extra)


@pytest.mark.parametrize("proof", ["19800517", "1980-05-17", "5678"])
def test_a_receipt_and_one_proof_show_where_it_stands(client, person, proof):
    application = submitted(person, open_lane())

    answer = look_up(client, application.receipt_no.lower(), proof)

    assert answer.status_code == 200
    assert application.receipt_no in text_of(answer)
    assert answer.headers["Cache-Control"] == "no-store"


def test_nothing_that_names_the_person_is_shown(client, person):
    page = text_of(look_up(client, submitted(person, open_lane()).receipt_no, "5678"))

    for secret in ("김걷기", "1234", "1980", "세종대로", person.number):
        assert secret not in page


def without_token(answer):
    return re.sub(r'value="[^"]*"', "", text_of(answer))


def test_unknown_and_wrong_are_one_answer(client, person):
    receipt_no = submitted(person, open_lane()).receipt_no

    wrong = look_up(client, receipt_no, "0000")
    unknown = look_up(client, "A-2611-999999", "0000")

    assert (wrong.status_code, unknown.status_code) == (404, 404)
    assert without_token(wrong) == without_token(unknown)
    assert wrong.headers.items() >= {"Cache-Control": "no-store"}.items()


def test_an_unknown_number_takes_the_same_steps(person):
    from participants.services.lookup import find_for_guest

    receipt_no = submitted(person, open_lane()).receipt_no
    counts = []
    for number in (receipt_no, "A-2611-999999"):
        with CaptureQueriesContext(connection) as queries:
            assert find_for_guest(number, "0000") is None
        counts.append(len(queries))

    assert counts == [1, 1]


def test_a_number_is_not_tried_for_ever(client, person):
    receipt_no = submitted(person, open_lane()).receipt_no
    answers = {look_up(client, receipt_no, f"{number:04d}").status_code for number in range(10)}

    assert answers == {404}
    assert look_up(client, receipt_no, "5678").status_code == 429


def test_an_address_is_slowed_down(client, settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "guest": "3/min"}

    codes = [look_up(client, f"A-2611-99999{n}", "0000").status_code for n in range(4)]

    assert codes == [404, 404, 404, 429]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"receipt_no": "A-1"},
        {"receipt_no": "A" * 21, "proof": "1"},
        {"receipt_no": "A-2611-\x00", "proof": "1234"},
        {"receipt_no": "A-2611-999999", "proof": "5" * 11},
    ],
)
def test_a_form_that_makes_no_sense_is_explained(client, body):
    answer = client.post(STATUS, body)

    assert answer.status_code == 400
    assert "errorlist" in text_of(answer)


@pytest.mark.parametrize("proof", ["", "٥٦٧٨", "56", "1980051", "198005170"])
def test_half_a_proof_is_none(client, person, proof):
    receipt_no = submitted(person, open_lane()).receipt_no

    assert look_up(client, receipt_no, proof).status_code in {400, 404}


def test_nothing_goes_by_address(client, person):
    receipt_no = submitted(person, open_lane()).receipt_no

    page = text_of(client.get(STATUS, {"receipt_no": receipt_no, "proof": "5678"}))

    assert receipt_no not in page


def test_a_refusal_is_said_with_its_reason(client, person):
    application = submitted(person, open_lane())
    applications.reject(application, by=JOB, reason="재직증명서가 제출되지 않았습니다.")

    page = text_of(look_up(client, application.receipt_no, "5678"))

    assert "재직증명서가 제출되지 않았습니다." in page


def test_the_waiting_list_shows_ones_number(client, person, make_participant):
    lane = open_lane(seats=1)
    approved(make_participant(is_resident=True, phone="010-5555-0006"), lane)
    application = approved(person, lane)
    selection.select_lane(lane, by=JOB)

    answer = look_up(client, application.receipt_no, "5678")

    assert answer.context["is_waiting"]
    assert Application.objects.get(pk=application.pk).rank == 1


def test_an_offer_shows_until_when(client, person):
    from participants.services import offers

    lane = open_lane()
    application = approved(person, lane)
    selection.select_lane(lane, by=JOB)
    offers.make_offers(lane, by=JOB)

    answer = look_up(client, application.receipt_no, "5678")

    assert answer.context["offer"] is not None
    assert answer.context["is_you"]


def test_the_office_says_by_when_it_decides(client, person):
    application = submitted(person, open_lane())

    answer = look_up(client, application.receipt_no, "5678")

    assert answer.context["promised_on"] == Application.objects.get().promised_on


def test_a_form_from_elsewhere_is_refused(person):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)

    assert look_up(strict, submitted(person, open_lane()).receipt_no, "5678").status_code == 403


def test_machines_are_told_what_they_may_read(client):
    found = open_lane().round

    assert "Disallow: /" in text_of(client.get("/robots.txt"))
    assert f"/rounds/{found.code}/" in text_of(client.get("/sitemap.xml"))
    for path in ("/sites/", "/guides/", "/complaints/new/", "/status/"):
        assert f"{path}</loc>" in text_of(client.get("/sitemap.xml"))
        assert f"Allow: {path}" in text_of(client.get("/robots.txt"))


def test_the_first_page_leads_to_the_others(client):
    page = text_of(client.get("/"))

    linked = ("/rounds/", "/apply/", "/apply/status/", "/sites/")
    for path in (*linked, "/complaints/", "/complaints/new/", "/guides/", "/status/"):
        assert f'href="{path}"' in page


def test_a_round_with_two_lanes_shows_both(client):
    found = draft_round()
    for kind in Lane.Kind:
        add_lane(found, kind=kind)
    RecruitmentRound.objects.filter(pk=found.pk).update(status="announced")

    assert text_of(client.get(f"/rounds/{found.code}/")).count('class="card round" aria-l') == 2
