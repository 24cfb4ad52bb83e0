from dataclasses import dataclass
from datetime import date

from django.db import transaction

from devices.rules.steps import Item
from devices.services import walking
from devices.services.walking import Received, Upload
from participants.models import Participant
from points.rules.earning import Outcome
from points.services import awards, campaigns


@dataclass(frozen=True, slots=True)
class Synced:
    """An upload's receipt, and what each of its days has earned by now."""

    received: Received
    outcomes: dict[date, Outcome]

    @property
    def items(self) -> list[Item]:
        return self.received.items


@transaction.atomic(savepoint=False)  # As devices.services.walking.receive_steps.
def sync_steps(participant: Participant, upload: Upload) -> Synced:
    """Take steps in and award what they make due: both, or neither."""
    received = walking.receive_steps(participant, upload)
    outcomes = awards.judge_totals(participant, dict(received.totals))
    awards.judge_weeks(participant, received.totals)
    campaigns.award_reached(participant, received.totals)
    return Synced(received, outcomes)
