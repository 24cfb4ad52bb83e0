"""Signed events of partners: proven, once, each item with its own outcome."""

import json
import time
import uuid
from datetime import date

import pytest
import time_machine
from django.conf import settings
from rest_framework.test import APIClient

from points.models import Award, PartnerEvent, Payout, Transfer
from points.services.payouts import request_payout
from points.services.proof import prove
from seoul_health.core.signatures import sign
from tests.conftest import JOB
from tests.points.builders import balance

pytestmark = pytest.mark.django_db
SECRET = "fitness-secret-of-the-tests-only-0123456789"
DAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def _partners(settings):
    settings.ACTIVITY_PARTNERS = {"fitness": SECRET}
    with time_machine.travel("2026-03-15 12:00+09:00", tick=False):
        yield


def send(body, *, partner="fitness", secret=SECRET, raw=None, **headers):
    content = json.dumps(body).encode() if raw is None else raw
    timestamp = headers.pop("timestamp", str(int(time.time())))
    signature = headers.pop("signature", None)
    if signature is None:
        signature = sign(content, timestamp=timestamp, secret=secret)
    return APIClient().post(
        f"/api/v1/partners/{partner}/events/",
        data=content,
        content_type="application/json",
        headers={"X-Timestamp": timestamp, "X-Signature": signature},
    )


def visit(person, *, event_id="e-1", day=DAY, **changes):
    number = getattr(person, "number", person)
    return {
        "id": event_id, "kind": "activity", "member": number, "item": "fitness_visit",
        "date": day.isoformat(), **changes,
    }  # fmt: skip


def items(answer):
    assert answer.status_code == 200, answer.content
    return answer.json()["items"]


def test_a_signed_visit_earns_its_points(walker):
    assert items(send({"events": [visit(walker)]})) == [
        {"index": 0, "id": "e-1", "outcome": "accepted", "reason": "activity_done", "points": 1_000}
    ]
    kept = PartnerEvent.objects.get()
    assert (kept.participant, kept.item, kept.activity_date) == (walker, "fitness_visit", DAY)
    assert balance(walker) == 1_000
    assert prove(by=JOB).gaps == {}


def test_a_repeated_event_is_answered_as_the_first_time(walker):
    first = send({"events": [visit(walker)]})
    again = items(send({"events": [visit(walker)]}))

    assert first.status_code == 200
    assert [(one["outcome"], one["points"]) for one in again] == [("duplicate", 1_000)]
    assert Transfer.objects.count() == 1


def test_an_event_id_used_for_something_else_is_refused(walker):
    send({"events": [visit(walker)]})
    other = items(send({"events": [visit(walker, item="survey")]}))

    assert [(one["outcome"], one["reason"]) for one in other] == [("rejected", "event_reused")]
    assert Award.objects.count() == 1


def test_each_item_has_its_own_outcome(walker, make_participant):
    stranger = make_participant()
    told = items(
        send(
            {
                "events": [
                    visit(walker, event_id="1"),
                    visit(walker, event_id="2", day=date(2026, 3, 11)),
                    visit(stranger, event_id="3"),
                    visit("P-NOBODY", event_id="4"),
                    visit(walker, event_id="5", day=date(2026, 3, 16)),
                    visit(walker, event_id="6", item="flying"),
                    {"id": "7", "kind": "scan", "tracking_no": "T1", "status": "delivered",
                     "at": "2026-03-10T10:00:00+09:00"},
                    "nonsense",
                    visit(walker, event_id="8", extra=1),
                ]
            }
        )
    )  # fmt: skip

    assert [(one["outcome"], one["reason"]) for one in told] == [
        ("accepted", "activity_done"),
        ("rejected", "counted_already"),
        ("rejected", "not_participating"),
        ("rejected", "unknown_member"),
        ("rejected", "future_day"),
        ("rejected", "invalid"),
        ("rejected", "kind_not_allowed"),
        ("rejected", "invalid"),
        ("rejected", "invalid"),
    ]
    assert balance(walker) == 1_000


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"signature": ""}, "signature_missing"),
        ({"timestamp": "now"}, "signature_missing"),
        ({"timestamp": "１２３"}, "signature_missing"),
        ({"signature": "0" * 64}, "signature_wrong"),
        ({"signature": "é"}, "signature_wrong"),
        ({"secret": "another-secret-of-at-least-thirty-two-signs"}, "signature_wrong"),
        ({"timestamp": "1773543000"}, "signature_stale"),
        ({"timestamp": "1773544000"}, "signature_stale"),
    ],
    ids=["none", "no-number", "wide", "wrong", "odd", "stranger", "old", "ahead"],
)
def test_a_request_that_proves_nothing_changes_nothing(walker, headers, code):
    answer = send({"events": [visit(walker)]}, **headers)

    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert not PartnerEvent.objects.exists()


def test_a_changed_body_does_not_fit_its_signature(walker):
    content = json.dumps({"events": [visit(walker)]}).encode()
    timestamp = str(int(time.time()))
    signature = sign(content, timestamp=timestamp, secret=SECRET)
    answer = send(
        None, raw=content.replace(b"03-10", b"03-11"), timestamp=timestamp, signature=signature
    )

    assert answer.json()["code"] == "signature_wrong"
    assert not Award.objects.exists()


@pytest.mark.parametrize("partner", ["nobody", "weak"])
def test_an_unknown_partner_and_one_without_a_proper_secret_are_not_found(settings, partner):
    settings.ACTIVITY_PARTNERS = {"weak": "short"}

    assert send({"events": []}, partner=partner, secret="short").status_code == 404


@pytest.mark.parametrize(
    "body",
    [{}, {"events": []}, {"events": {}}, {"events": ["x"] * 501}, [], {"events": ["x"], "more": 1}],
    ids=["empty", "none", "dict", "many", "list", "more"],
)
def test_a_body_of_another_shape_is_malformed(body):
    answer = send(body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_body_that_is_no_json_is_malformed():
    assert send(None, raw=b"{").status_code == 400


@pytest.fixture
def payout(saver):
    made = request_payout(saver, amount=5_000, key=uuid.UUID(int=7))
    Payout.objects.filter(pk=made.pk).update(status="unknown")
    return Payout.objects.get(pk=made.pk)


def paid(payout, **changes):
    return {
        "id": "p-1", "kind": "payout", "reference": payout.reference, "status": "paid",
        "amount": payout.amount, "receipt_no": "R-1", "paid_at": "2026-03-15T11:00:00+09:00",
        **changes,
    }  # fmt: skip


def tell(payout, **changes):
    code = payout.operator.code
    secret = settings.WALLETS[code][1]
    return items(send({"events": [paid(payout, **changes)]}, partner=code, secret=secret))[0]


def test_an_operators_word_resolves_an_unknown_payout(payout):
    assert tell(payout)["reason"] == "paid"
    payout.refresh_from_db()
    assert (payout.status, payout.receipt_no) == ("paid", "R-1")
    assert tell(payout, id="p-2")["reason"] == "nothing_new"
    assert prove(by=JOB).gaps == {}


def test_a_refusal_gives_the_points_back(payout, saver):
    refused = tell(payout, status="refused", code="member_blocked")

    assert refused["outcome"] == "accepted"
    assert balance(saver) == 20_000


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"amount": 4_999}, "other_amount"), ({"reference": "PO-0"}, "unknown_payout")],
)
def test_a_contradiction_waits_for_a_person(payout, saver, changes, reason):
    assert tell(payout, **changes)["reason"] == reason
    payout.refresh_from_db()

    assert payout.status == "unknown"
    assert balance(saver) == 15_000


def test_a_payout_that_was_refused_is_not_paid_by_a_later_word(payout, saver):
    tell(payout, status="refused", code="member_blocked")
    late = tell(payout, id="p-2")
    payout.refresh_from_db()

    assert (late["outcome"], late["reason"]) == ("rejected", "contradicts")
    assert (payout.status, payout.problem) == ("refused", "refused_and_paid")


def test_a_result_without_its_receipt_is_invalid(payout):
    assert tell(payout, receipt_no="")["reason"] == "invalid"
    assert not PartnerEvent.objects.exists()
