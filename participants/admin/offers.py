from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from participants.errors import NobodyToOffer
from participants.models import Lane, Offer
from participants.services import carrying, offers, selection
from seoul_health.core import clock, masking
from seoul_health.core.admin.base import ReadOnlyAdmin, staff_of
from seoul_health.core.admin.row_actions import row_action
from seoul_health.core.audit import Actor

Status = Offer.Status


class WhyForm(forms.Form):
    why = forms.CharField(
        label=_("Reason"),
        help_text=_("It is kept with the record."),
        min_length=5,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class MoreTimeForm(WhyForm):
    hours = forms.IntegerField(
        label=_("Hours from now"),
        help_text=_("The offer never outlasts the day before the round starts."),
        min_value=1,
        max_value=336,
        initial=48,
    )
    field_order = ("hours", "why")


class DueFilter(admin.SimpleListFilter):
    """Which open offers run out soon, soonest first in the list that it makes."""

    title = _("Runs out")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, site: Any) -> list[tuple[str, Any]]:
        return [("12", _("within 12 hours")), ("24", _("within 24 hours")), ("past", _("is over"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Offer]) -> QuerySet[Offer]:
        now, chosen = clock.now(), self.value()
        if chosen == "past":
            return rows.filter(status=Status.OPEN, expires_at__lte=now)
        if chosen in ("12", "24"):
            until = now + timedelta(hours=int(chosen))
            return rows.filter(status=Status.OPEN, expires_at__gt=now, expires_at__lte=until)
        return rows


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin[Offer]):
    """Seats offered and not yet answered; the next ones go to whoever waits longest."""

    list_display = ("application", "who", "round", "lane", "status", "expires_at", "closed_at")
    list_filter = ("status", DueFilter)
    list_select_related = (
        "application__participant__profile", "application__round", "application__lane",
    )  # fmt: skip
    search_fields = ("application__receipt_no__exact",)
    search_help_text = _("Receipt number")
    fields = (
        "application", "who", "round", "lane", "status", "made_at", "expires_at", "closed_at",
        "told_at", "reminded_at",
    )  # fmt: skip
    readonly_fields = ("who", "round", "lane")

    def subjects_of(self, rows: Iterable[Offer]) -> list[str]:
        return [row.application.participant.number for row in rows]

    @admin.display(description=_("Applicant"))
    def who(self, row: Offer) -> str:
        person = row.application.participant
        return f"{masking.mask_name(person.profile.name)} ({person.number})"

    @admin.display(description=_("Round"))
    def round(self, row: Offer) -> str:
        return row.application.round.name

    @admin.display(description=_("Lane"))
    def lane(self, row: Offer) -> str:
        return row.application.lane.get_kind_display()

    @row_action(
        _("Give more time"), permission="participants.manage_offer", to=Status.LAPSED,
        form=MoreTimeForm,
    )  # fmt: skip
    def extend(self, request: HttpRequest, row: Offer, **values: Any) -> None:
        offers.extend(row, by=staff_of(request), **values)

    @row_action(
        _("Recall the offer"), permission="participants.manage_offer", to=Status.WITHDRAWN,
        form=WhyForm, danger=True,
    )  # fmt: skip
    def recall(self, request: HttpRequest, row: Offer, **values: Any) -> None:
        offers.recall(row, by=staff_of(request), **values)

    @row_action(_("Offer free seats to the next"), permission="participants.select_application")
    def offer_next(self, request: HttpRequest, row: Offer) -> None:
        offer_to_next(row.application.lane, by=staff_of(request))


def offer_to_next(lane: Lane, *, by: Actor) -> None:
    """Serve the waiting list now, in its order; say so when nobody could be served."""
    if not selection.select_lane(lane, by=by):
        raise NobodyToOffer


class CarriesOver:
    """The button of a lane that takes its waiting list to the lane named for it."""

    @row_action(
        _("Take the waiting list to the next lane"),
        permission="participants.select_application",
        confirm=_("Everybody who still waits gets a place in the line of the next lane."),
    )
    def carry_over(self, request: HttpRequest, row: Lane) -> None:
        carrying.carry_over(row, by=staff_of(request))
