from celery import shared_task

from participants.services import identity, tokens


@shared_task(name="participants.note_seniority")
def note_seniority() -> None:
    identity.note_seniority()


@shared_task(name="participants.drop_stale_tokens")
def drop_stale_tokens() -> None:
    tokens.drop_stale()
