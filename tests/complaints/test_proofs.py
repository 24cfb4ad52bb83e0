import uuid

import pytest
from django.urls import reverse

from devices.models import Loan
from devices.rules.lending_words import SENTENCES
from devices.services import lending_evidence
from points.models import Payout
from points.rules.payout_words import SENTENCES as PAYOUT_SENTENCES
from points.services import payout_evidence
from points.services.payouts import refuse_payout, request_payout
from seoul_health.core import clock
from seoul_health.core.models import AccessLog
from tests.complaints.builders import AGENT
from tests.conftest import JOB
from tests.devices.builders import live_loan, returned_loan, shipped_loan
from tests.points.builders import give

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def browser(client_of):
    return client_of("agent", **AGENT)


def test_every_state_has_its_sentence():
    assert {"overdue", *Loan.Status.values} == set(SENTENCES)
    assert set(Payout.Status.values) == set(PAYOUT_SENTENCES)


def test_a_parcel_on_its_way_is_told_with_its_number(walker):
    shipped_loan(walker).shipments.update(tracking_no="638712345678")

    told = lending_evidence.panel(walker).sentence

    assert told == "기기를 배송하고 있습니다(운송장번호 638712345678)."


def test_a_watch_that_came_back_is_told_with_its_day(walker):
    loan = returned_loan(walker)

    told = lending_evidence.panel(walker)

    assert f"{loan.returned_at:%Y}" in told.sentence
    assert "점검한 뒤 대여를 종료합니다." in told.citizen_text


def test_who_has_no_watch_and_no_payout_has_no_proof(walker):
    assert lending_evidence.panel(walker) is None
    assert payout_evidence.panel(walker) is None


def test_a_refused_payout_is_told_with_the_points_given_back(walker):
    give(walker, 9_000)
    payout = request_payout(walker, amount=5_000, key=uuid.uuid4())
    payout.move(Payout.Status.SENDING, by=JOB, claimed_at=clock.now())
    refuse_payout(payout, by=JOB, code="E_SECRET")

    told = payout_evidence.panel(walker)

    assert [one.amount for one in told.transfers] == [5_000, 5_000]
    assert "잔액으로 되돌려 드렸습니다" in told.sentence
    assert "E_SECRET" not in told.citizen_text


@pytest.mark.parametrize("part", ["watch", "payout"])
def test_the_proofs_open_on_the_desk_and_are_written_down(browser, walker, part):
    live_loan(walker)
    give(walker, 9_000)
    request_payout(walker, amount=5_000, key=uuid.uuid4())

    page = browser.get(reverse(f"desk:proof-{part}", args=[walker.number]), headers=FRAGMENT)

    assert page.status_code == 200
    assert page.context["proof"].sentence in page.content.decode()
    assert AccessLog.objects.get(what=f"desk:{part}").subjects == [walker.number]


@pytest.mark.parametrize("part", ["watch", "payout"])
@pytest.mark.parametrize("key", ["0", "x", "9" * 40, "²"])
def test_a_row_of_somebody_else_is_not_found(browser, walker, make_participant, part, key):
    address = reverse(f"desk:proof-{part}", args=[walker.number])

    assert browser.get(f"{address}?id={key}", headers=FRAGMENT).status_code == 404


def test_the_loan_of_another_person_is_not_shown(browser, walker, make_participant):
    theirs = live_loan(make_participant())
    address = reverse("desk:proof-watch", args=[walker.number])

    assert browser.get(f"{address}?id={theirs.pk}", headers=FRAGMENT).status_code == 404
