"""A silent operator raced by workers: one tries, the rate holds, one change is decided."""

import uuid
from datetime import timedelta

import pytest

from points.models import Breaker, Operator, OperatorChange, Outage, Payout
from points.services import partner_health
from points.services.operators import approve_change, hand_over, in_force, request_change
from points.services.payouts import request_payout
from points.services.sending import claim_due, claim_silent, hand_on
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.builders import balance, give
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]


@pytest.fixture
def saver(make_participant):
    person = make_participant()
    give(person, 100_000)
    return person


def ask(person, count=1):
    return [request_payout(person, amount=5_000, key=uuid.uuid4()) for _ in range(count)]


def open_breaker():
    now = clock.now()
    Breaker.objects.update(
        status="open", failures=3, failing_since=now, next_try_at=now - timedelta(seconds=1)
    )


def test_one_worker_tries_a_silent_operator():
    open_breaker()
    tries = []

    def attempt():
        tries.append(partner_health.take_try(in_force(), by=JOB))

    assert race(attempt, runners=4) == ["ok"] * 4
    assert sorted(tries) == [False, False, False, True]
    assert Breaker.objects.get().status == "half_open"


def test_silences_heard_at_once_open_the_breaker_once():
    race(lambda: partner_health.note_silence(in_force(), why="silence", by=JOB), runners=4)

    breaker = Breaker.objects.get()
    assert (breaker.status, breaker.failures, breaker.tries) == ("open", 3, 0)
    assert Outage.objects.count() == 1


def test_answers_heard_at_once_close_the_breaker_once():
    open_breaker()
    partner_health.take_try(in_force(), by=JOB)

    assert race(lambda: partner_health.note_answer(in_force(), by=JOB), runners=3) == ["ok"] * 3
    assert Breaker.objects.get().status == "closed"


def test_workers_raced_for_the_last_room_of_a_minute_keep_to_the_rate(saver):
    Operator.objects.update(per_minute=2)
    ask(saver, 6)
    claims = []

    assert race(lambda: claims.append(claim_due(in_force(), by=JOB)), runners=6) == ["ok"] * 6
    assert sum(claim is not None for claim in claims) <= 2 * 2  # A minute may turn meanwhile.
    assert Payout.objects.filter(status="sending").count() <= 2 * 2


def test_one_worker_asks_about_a_payout_without_an_answer(saver):
    (payout,) = ask(saver)
    Payout.objects.filter(pk=payout.pk).update(status="unknown")
    asked = []

    assert race(lambda: asked.append(claim_silent(in_force())), runners=4) == ["ok"] * 4
    assert [one for one in asked if one] == [payout]


def test_a_payout_is_handed_on_or_claimed_but_never_both(saver):
    ask(saver, 4)
    now = clock.now()
    Operator.objects.update(ends_at=now)
    heir = Operator.objects.create(code="next", name="N", starts_at=now)
    Breaker.objects.create(operator=heir)

    def work():
        hand_over(heir, by=JOB)
        claim_due(heir, by=JOB)

    assert race(work, runners=4) == ["ok"] * 4
    while claim_due(heir, by=JOB):  # Those that were locked meanwhile.
        pass
    found = Payout.objects.values_list("operator__code", "status", "attempts")
    assert list(found) == [("next", "sending", 1)] * 4
    assert balance(saver) == 80_000


def test_what_was_never_paid_is_handed_on_once(saver):
    ask(saver)
    now = clock.now()
    Payout.objects.update(status="unknown")
    Operator.objects.update(ends_at=now)
    heir = Operator.objects.create(code="next", name="N", starts_at=now)
    Breaker.objects.create(operator=heir)

    def act():
        hand_on(Payout.objects.select_related("operator", "participant").get(), by=JOB)

    assert race(act) == ["IllegalMove", "ok"]
    assert Payout.objects.get().operator == heir


def test_a_change_of_operator_is_decided_once(make_staff):
    officer, approver = make_staff("finance_officer"), make_staff("finance_approver")
    stops_at = clock.now() + timedelta(hours=5)
    change = request_change(
        in_force(), code="seoulpay-3", name="N", stops_at=stops_at, starts_at=stops_at,
        needs_link=False, reason="r", by=officer,
    )  # fmt: skip

    def decide():
        approve_change(OperatorChange.objects.get(pk=change.pk), by=approver)

    assert race(decide) == ["IllegalMove", "ok"]
    assert Operator.objects.count() == 2
