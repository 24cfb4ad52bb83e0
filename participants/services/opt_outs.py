"""What a person does not want to be told, per kind of message and channel."""

from dataclasses import dataclass

from django.db import transaction

from participants.errors import LegalNoticesStay
from participants.models import Channel, OptOut, Participant, Topic
from seoul_health.core import audit
from seoul_health.core.audit import Actor

LEGAL = "legal"


@dataclass(frozen=True, slots=True)
class Wish:
    """Whether one kind of message may come, on each channel."""

    category: str
    name: str
    on: bool
    channels: dict[str, bool]


def wishes_of(participant: Participant) -> list[Wish]:
    """Say for every kind of message whether it may come."""
    refused = set(participant.opt_outs.values_list("category", "channel"))
    return [
        Wish(
            category=category,
            name=str(label),
            on=(category, "") not in refused,
            channels={
                channel: not {(category, ""), (category, channel)} & refused
                for channel in Channel.values
            },
        )
        for category, label in Topic.choices
    ]


@transaction.atomic
def change(
    participant: Participant, *, category: str, channel: str = "", on: bool, by: Actor
) -> None:
    """Turn one kind of message on or off, on one channel or on all; legal notices stay on."""
    if category == LEGAL:
        if on:
            return
        raise LegalNoticesStay
    refused = OptOut.objects.filter(participant=participant, category=category)
    before = set(refused.values_list("channel", flat=True))
    if "" in before:
        before = set(Channel.values)
    named = {channel} if channel else set(Channel.values)
    after = before - named if on else before | named
    refused.delete()
    kept = [""] if after == set(Channel.values) else sorted(after)
    OptOut.objects.bulk_create(
        [OptOut(participant=participant, category=category, channel=one) for one in kept],
        ignore_conflicts=True,
    )
    audit.record("messages_on" if on else "messages_off", participant, by=by, category=category)
