import uuid

import pytest
from django.urls import reverse

from complaints.desk.finding import find
from complaints.services.intake import Guest
from devices.models import Shipment
from participants.models import Participant
from points.models import Transfer
from points.services.payouts import request_payout
from seoul_health.core.models import AccessLog
from tests.complaints.builders import AGENT, file_one
from tests.devices.builders import shipped_loan
from tests.points.builders import give

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client_of):
    return client_of("agent", **AGENT)


def people(words, by) -> list[Participant]:
    return [person for person, _why in find(words, by=by).people]


@pytest.fixture
def others(make_participant) -> list[Participant]:
    return [make_participant(), make_participant()]


def test_a_person_is_found_by_tracking_number_and_serial(walker, others, agent):
    loan = shipped_loan(walker)
    parcel = Shipment.objects.get(loan=loan)
    Shipment.objects.update(tracking_no="638712345678")

    assert parcel.loan == loan
    assert people("638712345678", agent) == [walker]
    assert people("6387-1234-5678", agent) == [walker]
    assert people(loan.device.serial.lower(), agent) == [walker]


def test_a_person_is_found_by_transfer_and_payout(walker, others, agent):
    give(walker, 9_000)
    payout = request_payout(walker, amount=5_000, key=uuid.uuid4())
    moved = Transfer.objects.get(pk=payout.transfer_id)

    assert people(str(payout.public_id), agent) == [walker]
    assert people(payout.reference, agent) == [walker]
    assert [one for one, why in find(str(moved.pk).zfill(9), by=agent).people] == [walker]


def test_a_guest_complaint_is_found_by_its_number(agent, browser):
    slip = file_one(None, guest=Guest("박손님", "010-9999-0000"))

    page = browser.post(reverse("desk:find"), {"q": slip.complaint.receipt_no.lower()})

    assert slip.complaint.receipt_no in page.content.decode()
    assert "박손님" not in page.content.decode()
    assert AccessLog.objects.get(what="desk:guests").subjects == [slip.complaint.receipt_no]


@pytest.mark.parametrize(
    "words",
    [
        "000000000000",
        "9" * 60,
        "P-NOBODY",
        "C-0000-0000",
        "' OR 1=1 --",
        "１２３４",
        "²²²²",
        "no-1",
        "--",
    ],
    ids=str,
)
def test_whatever_is_typed_finds_nobody_quietly(browser, walker, words):
    page = browser.post(reverse("desk:find"), {"q": words})

    assert (page.status_code, page.context["people"]) == (200, [])


def test_nobody_of_another_district_is_found(walker, make_staff):
    Participant.objects.update(district="종로구")
    theirs = make_staff("agent", username="d", scope="district", district="강남구", **AGENT)

    assert people(walker.number, theirs) == []


def test_finding_costs_few_queries(agent, walker, django_assert_max_num_queries):
    with django_assert_max_num_queries(7):
        find("010-1234-5678", by=agent)
