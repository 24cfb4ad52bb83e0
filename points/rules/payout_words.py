"""Where a payout stands, in words that can be read to the citizen."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from seoul_health.core.clock import KST

SENTENCES = {
    "requested": _(
        "{amount} points were asked for on {asked}; they are set aside and wait to be sent."
    ),
    "sending": _("{amount} points asked for on {asked} are being sent to {operator} just now."),
    "paid": _("{amount} points asked for on {asked} were paid by {operator} on {paid}."),
    "refused": _(
        "{operator} could not pay the {amount} points asked for on {asked}; "
        "they were given back to your balance."
    ),
    "unknown": _(
        "{amount} points asked for on {asked} wait for the answer of {operator}; they are set "
        "aside, and are either paid or given back, never both."
    ),
}


def payout_sentence(
    state: str, *, amount: int, operator: str, asked_at: datetime, paid_at: datetime | None
) -> str:
    """Say in one sentence where a payout stands."""
    return str(SENTENCES[state]).format(
        amount=f"{amount:,}",
        operator=operator,
        asked=day_of(asked_at),
        paid=day_of(paid_at) if paid_at else "–",
    )


def day_of(moment: datetime) -> str:
    return f"{moment.astimezone(KST):%Y-%m-%d %H:%M}"
