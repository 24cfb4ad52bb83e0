"""Message templates: written as drafts, checked, released, and then never changed."""

from django.db import transaction

from participants.errors import PlaceholderUnknown, ReleasedAlready, StrayBraces, TooLongForChannel
from participants.models import Channel, NotificationTemplate
from participants.rules import messages
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint

COPIED = (
    "code", "category", "legal", "placeholders", "title", "push", "alimtalk", "sms", "letter",
    "lasts_hours",
)  # fmt: skip


def check(template: NotificationTemplate) -> None:
    """Refuse words that name what nobody will fill in, or that no carrier would take."""
    for channel, text in {"title": template.title, **template.bodies}.items():
        label = dict(Channel.choices).get(channel, channel)
        if messages.has_stray_braces(text):
            raise StrayBraces(channel=label)
        if unknown := messages.undeclared(text, template.placeholders):
            raise PlaceholderUnknown(channel=label, names=", ".join(unknown))
    if messages.message_bytes(template.sms) > messages.LONG_MESSAGE_BYTES:
        raise TooLongForChannel(limit=messages.LONG_MESSAGE_BYTES)


@transaction.atomic
def write(template: NotificationTemplate, *, by: Actor) -> None:
    """Keep a draft whose words can be filled in."""
    check(template)
    new = template._state.adding
    if new:
        template.written_by = by.actor_name
        template.version = next_version(template.code)
        with constraint("one_template_per_code_and_version", ReleasedAlready(text=template)):
            template.save()
    else:
        lock_draft(template)
        template.save(update_fields=COPIED)
    audit.record("drafted" if new else "edited", template, by=by)


def next_version(code: str) -> int:
    newest = NotificationTemplate.objects.filter(code=code).order_by("-version").first()
    return newest.version + 1 if newest else 1


def lock_draft(template: NotificationTemplate) -> None:
    drafts = NotificationTemplate.objects.select_for_update().filter(released_at=None)
    if not drafts.filter(pk=template.pk).exists():
        raise ReleasedAlready(text=template)


@transaction.atomic
def release(template: NotificationTemplate, *, by: Actor) -> None:
    """Let a version speak from now on; it can never be changed again."""
    check(template)
    drafts = NotificationTemplate.objects.filter(pk=template.pk, released_at=None)
    if not drafts.update(released_at=clock.now(), released_by=by.actor_name):
        raise ReleasedAlready(text=template)
    audit.record("released", template, by=by)


@transaction.atomic
def copy(template: NotificationTemplate, *, by: Actor) -> NotificationTemplate:
    """Start the next version with the words of this one."""
    terms = {name: getattr(template, name) for name in COPIED}
    draft = NotificationTemplate(**terms)
    write(draft, by=by)
    return draft
