"""The words people agree to: which are in force, who still has older ones, and their release."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, Q

from participants.errors import ReleasedAlready, ReleasedTooLate
from participants.models import Consent, ConsentText, Participant
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor


def current_texts() -> list[ConsentText]:
    """Give the newest words of each purpose that may be agreed to online today."""
    return newest(ConsentText.objects.in_force(clock.today()))


def newest(texts: Iterable[ConsentText]) -> list[ConsentText]:
    """Pick one text of each purpose from texts that come newest first."""
    found: dict[str, ConsentText] = {}
    for text in texts:
        if not text.is_printed:
            found.setdefault(text.purpose, text)
    return [found[purpose] for purpose in Consent.Purpose.values if purpose in found]


def to_agree(participant: Participant) -> list[ConsentText]:
    """Name the required words that are newer than those a person has agreed to."""
    texts = list(ConsentText.objects.in_force(clock.today()))
    said = Consent.objects.filter(participant=participant, withdrawn_at=None)
    yes = set(said.values_list("purpose", "version"))
    asked = {purpose for purpose, _version in yes}
    return [
        text
        for text in newest(texts)
        if text.is_required and text.purpose in asked and not yes & as_new_as(text, texts)
    ]


def as_new_as(text: ConsentText, texts: Iterable[ConsentText]) -> set[tuple[str, str]]:
    """Give the versions that say what a text says, or something newer."""
    return {
        (each.purpose, each.version)
        for each in texts
        if each.purpose == text.purpose and each.effective_from >= text.effective_from
    }


def agreed_to(text: ConsentText) -> dict[str, int]:
    """Count the people who agreed to a text or a newer one, and those who have only older ones."""
    released = ConsentText.objects.filter(purpose=text.purpose, released_at__isnull=False)
    versions = {version for _purpose, version in as_new_as(text, [text, *released])}
    said = Consent.objects.filter(purpose=text.purpose, withdrawn_at=None)
    people = said.aggregate(
        all=Count("participant", distinct=True),
        new=Count("participant", filter=Q(version__in=versions), distinct=True),
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
