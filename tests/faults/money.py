"""Every way points move, as acts on one person; and what must not be after any two of them."""

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from participants.models import Participant
from points.gateways.wallet import Receipt
from points.models import Account, Clawback, Hold, Payout, Pot, Transfer
from points.services import (
    awards,
    clawbacks,
    down_revisions,
    expiry,
    holding,
    ledger,
    payouts,
    proof_holds,
    proof_lots,
    sending,
    settlement,
    syncs,
)
from points.services.accounts import pot, purse_of
from points.services.due import ask_day
from points.services.operators import in_force
from points.services.proof import GAPS
from points.services.rulebook import read_rulebook
from seoul_health.core import clock
from seoul_health.core.models import StaffUser
from tests.conftest import JOB
from tests.points.builders import give, sample, take_part, upload, walk

LONG_AGO = timedelta(days=500)
PRICE = 5_000


@dataclass
class Purse:
    """A person with 5,000 points to spend, some on the way, and a day nobody has awarded."""

    person: Participant
    given: Transfer
    sending: Payout
    requested: Payout
    yesterday: date
    key: uuid.UUID = field(default_factory=uuid.uuid4)

    def payout(self, kept: Payout) -> Payout:
        return Payout.objects.select_related("participant", "transfer").get(pk=kept.pk)


def lay_purse(person: Participant) -> Purse:
    """Arrange with the services; payouts of earlier grounds wait far in the future."""
    Payout.objects.update(next_at=clock.now() + LONG_AGO)
    take_part(person)
    old = clock.today() - LONG_AGO
    given = [give(person, PRICE, old) for _ in range(3)]
    leaving = payouts.request_payout(person, amount=PRICE, key=uuid.uuid4())
    claimed = sending.claim_due(in_force(), by=JOB)
    assert claimed == leaving
    requested = payouts.request_payout(person, amount=PRICE, key=uuid.uuid4())
    yesterday = clock.today() - timedelta(days=1)
    walk(person, yesterday, 12_000)
    return Purse(person, given[0], leaving, requested, yesterday)


def lay_doubts(person: Participant) -> Purse:
    """Lay a purse of somebody with another day on hold, and one whose points are asked back."""
    ground = lay_purse(person)
    held, awarded = (ground.yesterday - timedelta(days=back) for back in (1, 2))
    for day in (held, awarded):
        walk(person, day, 12_000)
    holding.raise_hold(person, first_day=held, last_day=held, why="a tip", by=staff(1))
    awards.judge_days(person, [awarded], by=JOB)
    ask_back(person)
    return ground


def staff(number: int) -> StaffUser:
    return StaffUser.objects.get_or_create(username=f"interleaved{number}")[0]


def ask_back(person: Participant) -> None:
    """Let a claw-back of the day that is awarded come due."""
    award = person.awards.get()
    review = down_revisions.open_review(award, would_be=0, why="an error", by=staff(1))
    asked = clawbacks.propose_clawback([review], why="an error", by=staff(1))
    clawbacks.approve_clawback(asked, by=staff(2))
    Clawback.objects.filter(pk=asked.pk).update(objects_until=clock.today() - timedelta(days=1))


def award(ground: Purse) -> None:
    awards.judge_days(ground.person, [ground.yesterday], by=JOB)


def settle(ground: Purse) -> None:
    """Do for one person what a range of a sweep does for five thousand."""
    asked = ask_day(read_rulebook(), ground.yesterday)
    assert asked
    settlement.award_range(asked, ground.person.pk, ground.person.pk)


def sync(ground: Purse) -> None:
    syncs.sync_steps(ground.person, upload(sample(ground.yesterday, 9_000, hour=14)))


def request(ground: Purse) -> None:
    payouts.request_payout(ground.person, amount=PRICE, key=uuid.uuid4())


def request_again(ground: Purse) -> None:
    payouts.request_payout(ground.person, amount=PRICE, key=ground.key)


def claim(ground: Purse) -> None:
    sending.claim_due(in_force(), by=JOB)


def pay(ground: Purse) -> None:
    kept = ground.payout(ground.sending)
    receipt = Receipt(f"A{kept.pk}", kept.reference, PRICE, clock.now(), duplicate=False)
    payouts.settle_payout(kept, receipt, by=JOB)


def refuse(ground: Purse) -> None:
    payouts.refuse_payout(ground.payout(ground.sending), by=JOB, code="member_blocked")


def lose_sight(ground: Purse) -> None:
    payouts.leave_unknown(ground.payout(ground.sending), by=JOB, why="silence")


def expire(ground: Purse) -> None:
    expiry.expire_points(by=JOB)


def reverse(ground: Purse) -> None:
    ledger.reverse(ground.given, reason="reversal", business_date=clock.today())


def hold(ground: Purse) -> None:
    day = ground.yesterday
    holding.raise_hold(ground.person, first_day=day, last_day=day, why="a tip", by=staff(1))


def held_day(ground: Purse) -> Hold:
    return Hold.objects.get(participant=ground.person, first_day__lt=ground.yesterday)


def release(ground: Purse) -> None:
    holding.release_hold(held_day(ground), why="no", by=staff(2))


def confirm(ground: Purse) -> None:
    holding.confirm_hold(held_day(ground), why="yes", by=staff(3))


def take_back(ground: Purse) -> None:
    clawbacks.take(Clawback.objects.get(participant=ground.person).pk, by=JOB)


def spend_naively(ground: Purse) -> None:
    """The negative control: look, then act on what was seen."""
    purse = Account.objects.get(participant=ground.person)
    if purse.balance < PRICE:
        return
    terms: dict[str, Any] = {"source": purse, "target": pot(Pot.EXPIRED), "reason": "expiry"}
    Transfer.objects.create(
        key=f"naive:{uuid.uuid4()}", amount=PRICE, business_date=clock.today(), **terms
    )
    Account.objects.filter(pk=purse.pk).update(balance=purse.balance - PRICE)


ACTS = {
    act.__name__: act
    for act in (
        award, settle, sync, request, request_again, claim, pay, refuse, lose_sight, expire,
        reverse,
    )
}  # fmt: skip
DOUBTS = {act.__name__: act for act in (hold, release, confirm, take_back)}


def wrong_with(ground: Purse) -> dict[str, int]:
    """Ask the proof's questions of the whole book, and a few of this person."""
    found = {
        name: count(query) for name, query in (GAPS | proof_lots.GAPS | proof_holds.GAPS).items()
    }
    mine = Transfer.objects.filter(source=purse_of(ground.person))
    found["one_key_twice"] = max(0, mine.filter(key__endswith=str(ground.key)).count() - 1)
    return {name: number for name, number in found.items() if number}


def sweep_up(ground: Purse) -> None:
    """Put a book that a control has spoilt in order again, for the next order."""
    with transaction.atomic():
        purse = purse_of(ground.person)
        legs = Transfer.objects.filter(target=purse).values_list("amount", flat=True)
        spent = Transfer.objects.filter(source=purse).values_list("amount", flat=True)
        short = sum(spent) - sum(legs)
        if short > 0:
            give(ground.person, short, clock.today())
        Account.objects.filter(pk=purse.pk).update(balance=max(0, -short))


def count(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])
