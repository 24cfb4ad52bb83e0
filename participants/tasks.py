from celery import shared_task

from participants.services import continuing, identity, rounds, selection, tokens
from seoul_health.core.audit import System


@shared_task(name="participants.turn_rounds")
def turn_rounds() -> None:
    rounds.turn_rounds(by=System("participants.turn_rounds"))


@shared_task(name="participants.select_due_lanes")
def select_due_lanes() -> None:
    selection.select_due_lanes(by=System("participants.select_due_lanes"))


@shared_task(name="participants.confirm_continuing")
def confirm_continuing() -> None:
    continuing.confirm_selected(by=System("participants.confirm_continuing"))


@shared_task(name="participants.note_seniority")
def note_seniority() -> None:
    identity.note_seniority()


@shared_task(name="participants.drop_stale_tokens")
def drop_stale_tokens() -> None:
    tokens.drop_stale()
