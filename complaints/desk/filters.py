"""What the list of complaints can be narrowed by; the filters stay in the address."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.models import Category, Channel, Complaint
from complaints.models.complaints import RUNNING, STOPPED, WAITING, ComplaintQuerySet
from seoul_health.core import clock
from seoul_health.core.models import StaffUser

from .agents import agents_of_the_desk

STATES: dict[str, str | Promise] = {
    "open": _("Open"),
    "waiting": _("Waiting"),
    "running": _("Being worked on"),
    "near": _("Near breach"),
    "breached": _("Breached"),
    "stopped": _("Clock stands still"),
    "reopened": _("Reopened"),
    "merged": _("Merged into another"),
    "answered": _("Answered today"),
}
ALL = _("All")


class AgentField(forms.ModelChoiceField[StaffUser]):
    """An agent by user name, shown by name."""

    def __init__(self, **terms: Any) -> None:
        super().__init__(
            StaffUser.objects.none(), to_field_name="username", required=False, **terms
        )

    def label_from_instance(self, agent: StaffUser) -> str:
        return f"{agent.last_name}{agent.first_name}" or agent.username


class AgentForm(forms.Form):
    """A form that asks for agents: who works at the desk is looked up when it is made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, AgentField):
                field.queryset = agents_of_the_desk()


class FilterForm(AgentForm):
    state = forms.ChoiceField(label=_("State"), choices=[*STATES.items()])
    category = forms.ModelChoiceField(
        Category.objects.order_by("position", "pk"),
        label=_("Category"),
        to_field_name="code",
        required=False,
        empty_label=ALL,
    )
    agent = AgentField(label=_("Agent"), empty_label=ALL)
    channel = forms.ChoiceField(
        label=_("Channel"), choices=[("", ALL), *Channel.choices], required=False
    )
    words = forms.CharField(label=_("Words in the title"), max_length=40, required=False)
    lead = forms.CharField(max_length=16, required=False, widget=forms.HiddenInput)


def narrowed(
    rows: ComplaintQuerySet, chosen: Mapping[str, Any], now: datetime
) -> QuerySet[Complaint]:
    """Apply what was chosen; a filter that is not right narrows nothing."""
    found = in_state(rows, chosen.get("state") or "open", now)
    if chosen.get("category"):
        found = found.filter(category=chosen["category"])
    if chosen.get("agent"):
        found = found.filter(handler=chosen["agent"])
    if chosen.get("channel"):
        found = found.filter(channel=chosen["channel"])
    if chosen.get("words"):
        found = found.filter(title__icontains=chosen["words"])
    if chosen.get("lead") and chosen.get("state") == "merged":
        found = found.filter(merged_as__lead__receipt_no=chosen["lead"], merged_as__ended_at=None)
    return found.order_by("due_at", "pk")


def in_state(rows: ComplaintQuerySet, state: str, now: datetime) -> ComplaintQuerySet:
    match state:
        case "waiting":
            return rows.filter(status__in=WAITING, handler=None)
        case "running":
            return rows.running().filter(handler__isnull=False)
        case "near":
            return rows.near_breach(now)
        case "breached":
            return rows.breached(now)
        case "stopped":
            return rows.filter(status__in=STOPPED)
        case "reopened":
            return rows.reopened()
        case "merged":
            return rows.filter(status=Complaint.Status.MERGED)
        case "answered":
            return rows.filter(answered_at__gte=clock.day_starts(clock.seoul_day(now)))
    return rows.filter(status__in=[*RUNNING, *STOPPED])


def address_of(chosen: Mapping[str, Any], **more: str) -> str:
    """Give the filters as they stand in an address."""
    said = {
        "state": chosen.get("state") or "open",
        "category": chosen["category"].code if chosen.get("category") else "",
        "agent": chosen["agent"].username if chosen.get("agent") else "",
        "channel": chosen.get("channel") or "",
        "words": chosen.get("words") or "",
        "lead": chosen.get("lead") or "",
    }
    return urlencode({key: value for key, value in (said | more).items() if value})
