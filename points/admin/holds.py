"""Down-revisions, claw-backs, releases of a wrong cause, and the scans themselves."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from points.models import AwardReview, Clawback, HoldRelease, Signal, SignalScan
from points.services import clawbacks
from points.services.down_revisions import keep_points
from points.services.hold_releases import approve_release, decline_release, request_release
from seoul_health.core.admin.base import ReadOnlyAdmin, staff_of
from seoul_health.core.admin.list_runs import ListRun
from seoul_health.core.admin.row_actions import row_action

DATE = {"type": "date"}


class WhyForm(forms.Form):
    why = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea)


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Reason the citizen will read"), max_length=500, widget=forms.Textarea
    )


class CauseForm(forms.Form):
    signal = forms.ChoiceField(label=_("Signal"), choices=Signal.choices)
    raised_from = forms.DateField(label=_("Raised from"), widget=forms.DateInput(attrs=DATE))
    raised_to = forms.DateField(label=_("Raised until"), widget=forms.DateInput(attrs=DATE))
    most_score = forms.IntegerField(
        label=_("Score at most"), min_value=0, max_value=100, initial=100
    )
    why = forms.CharField(
        label=_("Reason the citizen will read"), max_length=500, widget=forms.Textarea
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        first, last = given.get("raised_from"), given.get("raised_to")
        if first and last and last < first:
            self.add_error("raised_to", _("The earlier day comes first."))
        return given


@admin.register(AwardReview)
class AwardReviewAdmin(ReadOnlyAdmin[AwardReview]):
    """Awards that would be lower now; nothing is taken unless a person proposes it."""

    list_display = (
        "found_at", "participant", "item", "period", "cause", "awarded", "would_be", "difference",
        "status",
    )  # fmt: skip
    list_filter = ("status", "cause")
    list_select_related = ("participant", "award", "clawback")
    search_fields = ("participant__number",)
    search_help_text = "P-2611-0000001"
    fields = (
        "participant", "item", "period", "cause", "awarded", "would_be", "difference", "steps_now",
        "note", "status", "found_by", "found_at", "closed_by", "closed_at", "reason", "clawback",
        "taken",
    )  # fmt: skip

    def subjects_of(self, rows: Iterable[AwardReview]) -> list[str]:
        return [row.participant.number for row in rows]

    @admin.display(description=_("What for"))
    def item(self, row: AwardReview) -> str:
        return row.award.get_item_display()

    @admin.display(description=_("Day"))
    def period(self, row: AwardReview) -> Any:
        return row.award.period

    @admin.display(description=_("Difference"))
    def difference(self, row: AwardReview) -> int:
        return row.difference

    @row_action(
        _("Leave the points"),
        permission="points.close_awardreview",
        to=AwardReview.Status.KEPT,
        form=WhyForm,
    )
    def keep(self, request: HttpRequest, row: AwardReview, why: str) -> None:
        keep_points(row, why=why, by=staff_of(request))

    @row_action(
        _("Propose a claw-back"),
        permission="points.propose_clawback",
        to=AwardReview.Status.PROPOSED,
        form=AnswerForm,
        confirm=_(
            "All open down-revisions of this person with the same cause go into one proposal. "
            "Another person must approve it before the citizen gets notice."
        ),
    )
    def propose(self, request: HttpRequest, row: AwardReview, answer: str) -> None:
        mine = AwardReview.objects.open().filter(participant=row.participant_id, cause=row.cause)
        rows = list(mine.select_related("participant").order_by("pk"))
        clawbacks.propose_clawback(rows or [row], why=answer, by=staff_of(request))


@admin.register(Clawback)
class ClawbackAdmin(ReadOnlyAdmin[Clawback]):
    """Points asked back: proposed, approved by another, announced, open to objection, taken."""

    list_display = (
        "requested_at", "participant", "amount", "status", "requested_by", "decided_by",
        "objects_until", "objected_at", "objection_promised_on", "taken", "outstanding",
    )  # fmt: skip
    list_filter = ("status",)
    list_select_related = ("participant", "requested_by", "decided_by")
    search_fields = ("participant__number",)
    search_help_text = "P-2611-0000001"
    fields = (
        "participant", "amount", "awards", "reason", "status", "requested_by", "requested_at",
        "decided_by", "decided_at", "notified_at", "objects_until", "objection", "objected_at",
        "objection_promised_on", "objection_answer", "objection_decided_by",
        "objection_decided_at", "ended_at", "taken", "outstanding",
    )  # fmt: skip

    def subjects_of(self, rows: Iterable[Clawback]) -> list[str]:
        return [row.participant.number for row in rows]

    @admin.display(description=_("Days"))
    def awards(self, row: Clawback) -> str:
        days = row.reviews.order_by("award__period").values_list("award__period", flat=True)
        return ", ".join(str(day) for day in days)

    @row_action(
        _("Approve and give notice"),
        permission="points.approve_clawback",
        to=Clawback.Status.NOTIFIED,
        confirm=_("The citizen gets notice now and has time to object before it takes effect."),
    )
    def approve(self, request: HttpRequest, row: Clawback) -> None:
        clawbacks.approve_clawback(row, by=staff_of(request))

    @row_action(
        _("Decline"),
        permission="points.approve_clawback",
        to=Clawback.Status.DECLINED,
        form=WhyForm,
    )
    def decline(self, request: HttpRequest, row: Clawback, why: str) -> None:
        clawbacks.decline_clawback(row, why=why, by=staff_of(request))

    @row_action(
        _("Uphold the objection"),
        permission="points.approve_clawback",
        to=Clawback.Status.WITHDRAWN,
        form=AnswerForm,
    )
    def withdraw(self, request: HttpRequest, row: Clawback, answer: str) -> None:
        clawbacks.withdraw_clawback(row, answer=answer, by=staff_of(request))

    @row_action(
        _("Dismiss the objection"),
        permission="points.approve_clawback",
        to=Clawback.Status.UPHELD,
        form=AnswerForm,
        danger=True,
    )
    def dismiss(self, request: HttpRequest, row: Clawback, answer: str) -> None:
        clawbacks.uphold_clawback(row, answer=answer, by=staff_of(request))


@admin.register(HoldRelease)
class HoldReleaseAdmin(ListRun[HoldRelease], ReadOnlyAdmin[HoldRelease]):
    """A signal that was wrong about many: one person asks, another approves."""

    run_label = _("Release a wrong cause")
    run_permission = "points.add_holdrelease"
    run_confirm: str | Promise = _("Another person must approve it before any hold is released.")
    run_started = _("The release waits for its approval.")
    run_form = CauseForm
    list_display = (
        "requested_at", "signal", "raised_from", "raised_to", "most_score", "waiting", "released",
        "status", "requested_by", "decided_by",
    )  # fmt: skip
    list_filter = ("status", "signal")
    list_select_related = ("requested_by", "decided_by")
    fields = (
        "signal", "raised_from", "raised_to", "most_score", "why", "waiting", "released", "status",
        "requested_by", "requested_at", "decided_by", "decided_at",
    )  # fmt: skip

    def start_run(self, request: HttpRequest, **values: Any) -> None:
        request_release(**values, by=staff_of(request))

    @admin.display(description=_("Still open"))
    def waiting(self, row: HoldRelease) -> int | str:
        is_over = row.status in {HoldRelease.Status.DECLINED, HoldRelease.Status.DONE}
        return "–" if is_over else row.holds().count()

    @row_action(
        _("Approve"),
        permission="points.approve_holdrelease",
        to=HoldRelease.Status.APPROVED,
        confirm=_("All these holds are released and their days earn at once."),
    )
    def approve(self, request: HttpRequest, row: HoldRelease) -> None:
        approve_release(row, by=staff_of(request))

    @row_action(
        _("Decline"),
        permission="points.approve_holdrelease",
        to=HoldRelease.Status.DECLINED,
        form=WhyForm,
    )
    def decline(self, request: HttpRequest, row: HoldRelease, why: str) -> None:
        decline_release(row, why=why, by=staff_of(request))


@admin.register(SignalScan)
class SignalScanAdmin(ReadOnlyAdmin[SignalScan]):
    """The nightly looks at everybody's day, with how many were doubtful."""

    list_display = ("day", "status", "walkers", "raised", "started_at", "finished_at")
    list_filter = ("status",)
    fields = ("day", "status", "walkers", "raised", "started_at", "finished_at")
