"""What messages say about a time at a site."""

from devices.models import Slot
from seoul_health.core import clock

DAYS = "월화수목금토일"


def about(slot: Slot) -> dict[str, str | int]:
    """Name a time, its site and what is reserved there, as a Korean message does."""
    start = slot.starts_at.astimezone(clock.KST)
    spoken = f"{start.month}월 {start.day}일({DAYS[start.weekday()]}) {start:%H:%M}"
    return {"site": slot.resource.site.name, "what": slot.resource.name, "when": spoken}
