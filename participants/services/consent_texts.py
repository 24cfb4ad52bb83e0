"""The words people agree to: which are in force, who still has older ones, and their release."""

from django.db import transaction
from django.db.models import Count, Q

from participants.errors import ReleasedAlready, ReleasedTooLate
from participants.models import Consent, ConsentText, Participant
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor


def current_texts() -> list[ConsentText]:
    """Give the newest words of each purpose that may be agreed to online today."""
    newest: dict[str, ConsentText] = {}
    for text in ConsentText.objects.in_force(clock.today()).filter(is_printed=False):
        newest.setdefault(text.purpose, text)
    order = [str(purpose) for purpose in Consent.Purpose]
    return sorted(newest.values(), key=lambda text: order.index(text.purpose))


def to_agree(participant: Participant) -> list[ConsentText]:
    """Name the required words that are newer than those a person has agreed to."""
    required = [text for text in current_texts() if text.is_required]
    said = Consent.objects.filter(participant=participant, withdrawn_at=None)
    yes = set(said.values_list("purpose", "version"))
    return [
        text
        for text in required
        if any(purpose == text.purpose for purpose, _version in yes)
        and not yes & {(text.purpose, version) for version in as_new_as(text)}
    ]


def as_new_as(text: ConsentText) -> list[str]:
    """Give the versions that say what a text says, or something newer."""
    peers = ConsentText.objects.filter(
        purpose=text.purpose, effective_from__gte=text.effective_from, released_at__isnull=False
    )
    return list(peers.values_list("version", flat=True))


def agreed_to(text: ConsentText) -> dict[str, int]:
    """Count the people who agreed to a text or a newer one, and those who have only older ones."""
    said = Consent.objects.filter(purpose=text.purpose, withdrawn_at=None)
    people = said.aggregate(
        all=Count("participant", distinct=True),
        new=Count("participant", filter=Q(version__in=as_new_as(text)), distinct=True),
    )
    return {"agreed": people["new"], "outdated": people["all"] - people["new"]}


@transaction.atomic
def release(text: ConsentText, *, by: Actor) -> None:
    """Let people agree to a text from its first day; its words never change again."""
    if text.effective_from < clock.today():
        raise ReleasedTooLate(text=text)
    drafts = ConsentText.objects.filter(pk=text.pk, released_at=None)
    if not drafts.update(released_at=clock.now()):
        raise ReleasedAlready(text=text)
    audit.record("released", text, by=by)
