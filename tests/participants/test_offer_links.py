"""The page behind the link of an offer: looking changes nothing, answering happens once."""

import pytest
from django.core.signing import Signer
from django.test import Client

from participants.models import Application, Offer, Participation
from participants.services import offers, participations
from participants.services.offer_links import link_of, token_of
from tests.conftest import JOB
from tests.participants.waiting import expire, lane_with, served

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer(make_participant):
    served(lane_with({"seats": 1}), [make_participant(is_resident=True, name="김용준")])
    return Offer.objects.get()


@pytest.fixture
def browser():
    return Client(headers={"accept-language": "en"})


def path_of(offer):
    return f"/offers/{token_of(offer)}/"


def status():
    return Application.objects.get().status


def test_looking_changes_nothing(offer, browser):
    for _ in range(3):
        page = browser.get(path_of(offer))

    assert page.status_code == 200
    assert "A seat is waiting for you" in page.content.decode()
    assert (status(), Offer.objects.get().status) == ("selected", "open")


def test_the_page_shows_a_masked_name_and_stays_out_of_indexes(offer, browser):
    page = browser.get(path_of(offer))

    text = page.content.decode()
    assert "김*준" in text
    assert "김용준" not in text
    assert "010" not in text
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "same-origin"


def test_accepting_by_link_takes_the_seat(offer, browser):
    page = browser.post(path_of(offer), {"answer": "accept"}, follow=True)

    assert page.redirect_chain == [(path_of(offer), 303)]
    assert "The seat is yours" in page.content.decode()
    assert Participation.objects.get().application_id == offer.application_id


def test_declining_by_link_frees_the_seat(offer, browser):
    page = browser.post(path_of(offer), {"answer": "decline"}, follow=True)

    assert "You declined this seat" in page.content.decode()
    assert (status(), Application.objects.get().seat_no) == ("declined", None)


def test_a_replayed_answer_changes_nothing(offer, browser):
    browser.post(path_of(offer), {"answer": "decline"})

    page = browser.post(path_of(offer), {"answer": "accept"})

    assert page.status_code == 409
    assert "You declined this seat" in page.content.decode()
    assert (status(), Participation.objects.count()) == ("declined", 0)


@pytest.mark.parametrize("sweep", [True, False], ids=["after the sweep", "before the sweep"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_expired_link_says_so(offer, browser, method, sweep):
    expire(offer)
    if sweep:
        offers.lapse_due(by=JOB)
    before = status()

    page = getattr(browser, method)(path_of(offer), {"answer": "accept"})

    assert page.status_code == 410
    assert "The time for this offer is over" in page.content.decode()
    assert (status(), Participation.objects.count()) == (before, 0)


def test_a_withdrawn_offer_says_so(offer, browser):
    offers.recall(offer, why="중복 신청", by=JOB)

    page = browser.get(path_of(offer))

    assert (page.status_code, "This offer was withdrawn" in page.content.decode()) == (200, True)


@pytest.mark.parametrize(
    "token",
    [
        "nonsense",
        "0" * 32,
        f"{'0' * 32}:signature",
        Signer(salt="participants.offers.link").sign("0" * 32),
        Signer(salt="participants.offers.link").sign("not-a-number"),
        "%00",
        "가나다",
        "a" * 3000,
    ],
    ids=["word", "unsigned", "forged", "unknown", "no number", "nul", "korean", "long"],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_link_opens_nothing(offer, browser, method, token):
    page = getattr(browser, method)(f"/offers/{token}/", {"answer": "accept"})

    assert page.status_code in (400, 404)
    assert "김" not in page.content.decode().replace("김*", "")
    assert status() == "selected"


def test_a_signature_made_for_something_else_opens_nothing(offer, browser):
    foreign = Signer(salt="something.else").sign(offer.application.public_id.hex)

    assert browser.get(f"/offers/{foreign}/").status_code == 404


def test_a_token_of_one_offer_with_the_number_of_another_opens_nothing(offer, browser):
    _number, _sep, signature = token_of(offer).partition(":")

    assert browser.get(f"/offers/{'1' * 32}:{signature}/").status_code == 404


def test_an_unknown_answer_changes_nothing(offer, browser):
    assert browser.post(path_of(offer), {"answer": "maybe"}).status_code == 400
    assert status() == "selected"


def test_an_answer_needs_the_token_of_the_page(offer):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(path_of(offer), {"answer": "accept"}).status_code == 403
    assert status() == "selected"


def test_a_refusal_is_told_on_the_page(offer, browser):
    person = offer.application.participant
    served(lane_with({"seats": 1}), [person])
    participations.confirm(Application.objects.exclude(pk=offer.application_id).get(), by=person)

    page = browser.post(path_of(offer), {"answer": "accept"})

    assert page.status_code == 409
    assert "already taking part" in page.content.decode()
    assert Application.objects.get(pk=offer.application_id).status == "selected"


def test_too_many_answers_are_slowed_down(offer, browser, settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "guest": "2/min"}
    answers = [browser.post(path_of(offer), {"answer": "maybe"}).status_code for _ in range(3)]

    assert answers == [400, 400, 429]


def test_the_link_names_the_site_and_nobody(offer):
    assert link_of(offer).startswith("http://localhost:8000/offers/")
    assert offer.application.receipt_no not in link_of(offer)
