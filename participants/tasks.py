from celery import shared_task

from participants.gateways.messages import HttpMessenger
from participants.services import (
    bulk,
    continuing,
    identity,
    receipts,
    rounds,
    selection,
    sending,
    tokens,
)
from seoul_health.core.audit import System

SECONDS_OF_SENDING = 9.0


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


@shared_task(name="participants.send_due_notices")
def send_due_notices() -> None:
    sending.send_due(messenger=HttpMessenger.from_settings(), seconds=SECONDS_OF_SENDING)
    bulk.close_finished(by=System("participants.send_due_notices"))


@shared_task(name="participants.ask_message_receipts")
def ask_message_receipts() -> None:
    receipts.ask_receipts(messenger=HttpMessenger.from_settings())


@shared_task(name="participants.drop_old_notices")
def drop_old_notices() -> None:
    receipts.drop_old()
