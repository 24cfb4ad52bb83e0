from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from participants.errors import RoundAnnounced, UnknownLane
from participants.models import EligibilityRule, Lane, Quota, RecruitmentRound, RoundChange
from participants.models.frozen import STAYS
from participants.rules.words import in_words
from participants.services import round_changes, rounds, selection
from participants.services.round_changes import TAKING, RuleTerms
from participants.services.round_checks import checks
from participants.services.round_drafts import copy_round
from participants.services.round_preview import preview
from seoul_health.core import audit
from seoul_health.core.admin.base import BigListAdmin, ReadOnlyAdmin, staff_of
from seoul_health.core.admin.row_actions import row_action
from seoul_health.core.db import constraint

from .offers import CarriesOver
from .round_forms import CopyForm, ExtensionForm, LaneFormSet, ProposalForm, RoundForm, RuleFormSet

Status = RecruitmentRound.Status


def is_draft(row: Any) -> bool:
    return row is None or not isinstance(row, RecruitmentRound) or row.status == Status.DRAFT


class DraftInline:
    """A part of a round, typed while the round is a draft."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_draft(obj) and request.user.has_perm("participants.change_recruitmentround")

    has_change_permission = has_add_permission
    has_delete_permission = has_add_permission


class LaneInline(DraftInline, admin.StackedInline[Lane, RecruitmentRound]):
    model = Lane
    template = "admin/rounds/lanes.html"

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return LaneFormSet


class RuleInline(DraftInline, admin.StackedInline[EligibilityRule, RecruitmentRound]):
    model = EligibilityRule
    template = "admin/rounds/rules.html"

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return RuleFormSet


@admin.register(RecruitmentRound)
class RecruitmentRoundAdmin(BigListAdmin[RecruitmentRound]):
    """One page for a round: a draft until it is announced, then changed only in public."""

    list_display = ("code", "name", "status", "starts_on", "ends_on")
    list_filter = ("status",)
    search_fields = ("code__startswith",)
    form = RoundForm
    fields = ("code", "name", "status", "starts_on", "ends_on", "follows", "announced_at")
    readonly_fields = ("status", "announced_at")
    inlines = (LaneInline, RuleInline)
    change_form_template = "admin/rounds/round.html"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and is_draft(obj)

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Offer forms for a draft only; what was announced is read below them."""
        return super().get_inline_instances(request, obj) if is_draft(obj) else []

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if object_id else None
        extra = {**(extra_context or {}), **(around(row) if row else {})}
        try:
            with constraint(STAYS, RoundAnnounced(round=row)):
                return super().changeform_view(request, object_id, form_url, extra)
        except RoundAnnounced as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect(request.path)

    def save_model(
        self, request: HttpRequest, obj: RecruitmentRound, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        verb = "changed" if change else "drafted"
        audit.record(verb, obj, by=staff_of(request), fields=form.changed_data)

    def buttons(self, request: HttpRequest, row: RecruitmentRound) -> list[dict[str, Any]]:
        """Leave out what makes no sense for a draft, or for a round that takes nobody."""
        hidden = {"extend": row.status not in TAKING, "propose": is_draft(row)}
        return [
            button for button in super().buttons(request, row) if not hidden.get(button["name"])
        ]

    @row_action(
        _("Announce the round"),
        permission="participants.change_recruitmentround",
        to=Status.ANNOUNCED,
        confirm=_("Lanes, quotas and rules cannot be changed afterwards."),
    )
    def announce(self, request: HttpRequest, row: RecruitmentRound) -> None:
        rounds.announce(row, by=staff_of(request))

    @row_action(
        _("Open the round"),
        permission="participants.change_recruitmentround",
        to=Status.OPEN,
        confirm=_("Citizens can apply from the first moment of each lane's window."),
    )
    def open(self, request: HttpRequest, row: RecruitmentRound) -> None:
        rounds.open_round(row, by=staff_of(request))

    @row_action(
        _("Close the round"),
        permission="participants.change_recruitmentround",
        to=Status.CLOSED,
        confirm=_("Nobody can apply to this round any more."),
        danger=True,
    )
    def close(self, request: HttpRequest, row: RecruitmentRound) -> None:
        rounds.close_round(row, by=staff_of(request))

    @row_action(
        _("Copy as a new draft"), permission="participants.add_recruitmentround", form=CopyForm
    )
    def copy(self, request: HttpRequest, row: RecruitmentRound, **values: Any) -> None:
        copy_round(row, by=staff_of(request), **values)

    @row_action(
        _("Extend a window"),
        permission="participants.change_recruitmentround",
        form=ExtensionForm,
        confirm=_("Somebody else must decide this before it counts. Everybody can read it then."),
    )
    def extend(self, request: HttpRequest, row: RecruitmentRound, lane: str, **values: Any) -> None:
        found = row.lanes.filter(kind=lane).first()
        if found is None:
            raise UnknownLane(round=row, lane=lane)
        round_changes.extend_window(found, by=staff_of(request), **values)

    @row_action(
        _("Propose new rules"),
        permission="participants.change_recruitmentround",
        form=ProposalForm,  # type: ignore[arg-type]  # A ModelForm is as good.
        confirm=_("Somebody else must decide this before it counts. Everybody can read it then."),
    )
    def propose(
        self, request: HttpRequest, row: RecruitmentRound, reason: str, **terms: Any
    ) -> None:
        round_changes.propose_rule(
            row, terms=RuleTerms(**terms), reason=reason, by=staff_of(request)
        )


def around(row: RecruitmentRound) -> dict[str, Any]:
    """Say what is still missing, what citizens read, and what was changed since."""
    changes = row.changes.order_by("-pk").select_related("lane", "rule", "proposed_by")
    return {
        "checks": checks(row) if is_draft(row) else [],
        "preview": preview(row),
        "changes": changes,
        "is_draft": is_draft(row),
    }


@admin.register(RoundChange)
class RoundChangeAdmin(ReadOnlyAdmin[RoundChange]):
    """Changes of announced rounds: proposed by one person, decided by another."""

    list_display = ("round", "kind", "status", "lane", "closes_at", "proposed_by", "proposed_at")
    list_filter = ("status", "kind")
    list_select_related = ("round", "lane", "proposed_by")
    fields = (
        "round", "kind", "status", "lane", "closed_at_before", "closes_at", "rule", "rule_in_words",
        "reason", "proposed_by", "proposed_at", "decided_by", "decided_at",
    )  # fmt: skip
    readonly_fields = ("rule_in_words",)

    @admin.display(description=_("The rules in words"))
    def rule_in_words(self, row: RoundChange) -> str:
        return " ".join(in_words(row.rule)) if row.rule else "–"

    @row_action(
        _("Let it come true"),
        permission="participants.decide_roundchange",
        to=RoundChange.Status.APPLIED,
        confirm=_("From now on this counts, and everybody can read it with its reason."),
    )
    def apply(self, request: HttpRequest, row: RoundChange) -> None:
        round_changes.apply_change(row, by=staff_of(request))

    @row_action(
        _("Drop the proposal"),
        permission="participants.decide_roundchange",
        to=RoundChange.Status.DROPPED,
        danger=True,
    )
    def drop(self, request: HttpRequest, row: RoundChange) -> None:
        round_changes.drop_change(row, by=staff_of(request))


@admin.register(Lane)
class LaneAdmin(CarriesOver, ReadOnlyAdmin[Lane]):
    """Lanes of all rounds; they are written on the page of their round."""

    list_display = ("round", "kind", "method", "opens_at", "closes_at")
    list_filter = ("kind", "method")
    list_select_related = ("round",)
    search_fields = ("round__code__startswith",)
    fields = (
        "round", "kind", "method", "opens_at", "closes_at", "offer_hours", "weekdays",
        "carries_over_to",
    )  # fmt: skip

    @row_action(_("Select now"), permission="participants.select_application")
    def select_now(self, request: HttpRequest, row: Lane) -> None:
        selection.select_lane(row, by=staff_of(request))


@admin.register(Quota)
class QuotaAdmin(ReadOnlyAdmin[Quota]):
    list_display = ("code", "lane", "group", "value", "seats", "spill_order")
    list_filter = ("group",)
    list_select_related = ("lane",)


@admin.register(EligibilityRule)
class EligibilityRuleAdmin(ReadOnlyAdmin[EligibilityRule]):
    list_display = ("round", "version", "status", "effective_from", "min_age", "max_age", "bases")
    list_filter = ("status",)
    list_select_related = ("round",)
