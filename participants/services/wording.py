"""The words of one message, put together at the moment they are needed and never stored."""

from participants.gateways.messages import Letter
from participants.models import (
    Channel,
    DeliveryAttempt,
    Notification,
    NotificationTemplate,
    Profile,
)
from participants.models.people import digits
from participants.rules import messages
from participants.rules.messages import Values
from seoul_health.core import masking


def letter_for(notice: Notification, attempt: DeliveryAttempt) -> Letter:
    """Say what leaves the house, and where to."""
    return Letter(
        id=str(attempt.public_id),
        channel=notice.channel,
        to=address_of(notice),
        title=title_of(notice),
        text=text_of(notice),
    )


def address_of(notice: Notification) -> str:
    profile = notice.participant.profile
    match notice.channel:
        case Channel.PUSH:
            return str(notice.participant.public_id)
        case Channel.LETTER:
            return str(profile.address)
    return digits(str(profile.phone))


def title_of(notice: Notification) -> str:
    return messages.fill(notice.template.title, filled(notice))


def masked_title_of(notice: Notification) -> str:
    """Give the title as staff may see it without a reason."""
    name = masking.mask_name(str(notice.participant.profile.name))
    return messages.fill(notice.template.title, {**notice.values, "participant_name": name})


def text_of(notice: Notification) -> str:
    return messages.fill(notice.template.body(notice.channel), filled(notice))


def filled(notice: Notification) -> Values:
    return {**notice.values, **personal(notice.participant.profile)}


def personal(profile: Profile) -> dict[str, str]:
    return {"participant_name": messages.one_line(profile.name)}


def sample_of(template: NotificationTemplate, values: Values, *, name: str) -> dict[str, str]:
    """Show what a template says on each of its channels."""
    known = {**{one: f"〈{one}〉" for one in template.placeholders}, **values}
    return {
        channel: messages.fill(body, {**known, "participant_name": name})
        for channel, body in template.bodies.items()
    }
