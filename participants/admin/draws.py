from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from participants.models import Draw, Lane, RecruitmentRound
from participants.services import draw_files, draws
from seoul_health.core import clock
from seoul_health.core.admin.base import ReadOnlyAdmin, staff_of
from seoul_health.core.admin.row_actions import RowAction, row_action
from seoul_health.core.errors import DomainError

Status = Draw.Status
RUN = "participants.run_draw"
SOURCE_EXAMPLE = gettext_lazy("For example: numbers of lottery no. 1252, drawn on 2026-12-05")


class LaneField(forms.ModelChoiceField[Lane]):
    def label_from_instance(self, obj: Lane) -> str:
        return f"{obj.round.name} · {obj.get_kind_display()}"


class FreezeForm(forms.Form):
    lane = LaneField(label=gettext_lazy("Lane"), queryset=Lane.objects.none())
    seed_source = forms.CharField(
        label=gettext_lazy("Where the seed comes from"),
        help_text=SOURCE_EXAMPLE,
        min_length=5,
        max_length=200,
    )
    seed_form = forms.ChoiceField(
        label=gettext_lazy("How the seed is written"), choices=Draw.SeedForm.choices
    )
    seed_due_on = forms.DateField(
        label=gettext_lazy("Seed known on"),
        help_text=gettext_lazy("A later day than today: nobody may know the seed yet."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lane = self.fields["lane"]
        assert isinstance(lane, LaneField), "declared above"
        lane.queryset = lanes_to_freeze()


class SeedForm(forms.Form):
    seed = forms.CharField(
        label=gettext_lazy("Seed"),
        help_text=gettext_lazy("Type it from the announced source, not from a colleague."),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


def lanes_to_freeze() -> Any:
    """Find lotteries whose round is closed and which nobody has frozen."""
    lotteries = Lane.objects.filter(
        method=Lane.Method.LOTTERY, round__status=RecruitmentRound.Status.CLOSED, draws=None
    )
    return lotteries.select_related("round").order_by("-round__starts_on", "pk")


@admin.register(Draw)
class DrawAdmin(ReadOnlyAdmin[Draw]):
    """The steps of a lottery, each a button that is there when its turn has come."""

    list_display = (
        "__str__", "status", "roster_count", "seed_due_on", "drawn_at", "published_at",
    )  # fmt: skip
    list_filter = ("status",)
    list_select_related = ("lane__round",)
    search_fields = ("lane__round__code__startswith",)
    fields = (
        "lane", "status", "roster_count", "roster_sha256", "seed_source", "seed_form",
        "seed_due_on", "seed", "result_sha256",
    )  # fmt: skip
    change_form_template = "admin/participants/draw.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("lane__round")

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm(RUN)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Freeze a lane's roster: that is how a draw begins."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = FreezeForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                draw = draws.freeze(**form.cleaned_data, by=staff_of(request))
            except DomainError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, _("The roster is frozen and public."), messages.SUCCESS)
                return HttpResponseRedirect(self.page_of(draw))
        return self.ask_to_freeze(request, form)

    def ask_to_freeze(self, request: HttpRequest, form: FreezeForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Freeze a roster"),
            "opts": self.opts,
            "original": _("Draws"),
            "action": {
                "label": _("Freeze a roster"),
                "confirm": _(
                    "Roster, seats and source become public at once and can never be changed."
                ),
                "danger": False,
            },
            "form": form,
            "back": reverse("admin:participants_draw_changelist"),
        }
        return TemplateResponse(request, "admin/row_action.html", context)

    def page_context(self, request: HttpRequest, row: Draw) -> dict[str, Any]:
        return steps_of(row)

    def perform(
        self, request: HttpRequest, row: Draw, action: RowAction, values: dict[str, Any]
    ) -> None:
        """Run a step in the service's own transaction: a refused seed stays on record."""
        try:
            action.run(self, request, row, **values)
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            done = _("Done: {verb}.").format(verb=action.label)
            self.message_user(request, done, messages.SUCCESS)

    @row_action(
        gettext_lazy("Enter the seed"),
        permission=RUN,
        to=Status.SEEDED,
        form=SeedForm,
        confirm=gettext_lazy(
            "Two people type the seed, each from the announced source. Both must be the same."
        ),
    )
    def enter_seed(self, request: HttpRequest, row: Draw, *, seed: str) -> None:
        draws.enter_seed(row, seed, by=staff_of(request))

    @row_action(
        gettext_lazy("Draw now"),
        permission=RUN,
        to=Status.DRAWN,
        confirm=gettext_lazy("This lane is drawn once. The result can never be changed."),
        danger=True,
    )
    def draw_lots(self, request: HttpRequest, row: Draw) -> None:
        draws.draw_lots(row, by=staff_of(request))

    @row_action(
        gettext_lazy("Publish the result"),
        permission=RUN,
        to=Status.PUBLISHED,
        confirm=gettext_lazy("Everybody sees the result, and every applicant is told."),
        danger=True,
    )
    def publish(self, request: HttpRequest, row: Draw) -> None:
        draws.publish(row, by=staff_of(request))


def steps_of(draw: Draw) -> dict[str, Any]:
    """Lay out the way of a draw: what is done, what is next, and what came of it."""
    pots = list(draw.pots.light())
    drawn = draw.drawn_at is not None
    return {
        "steps": [
            step(_("Roster frozen"), draw.frozen_at),
            step(_("First entry of the seed"), draw.first_seed_at, draw.first_seed_by),
            step(_("Second entry of the seed"), draw.seeded_at, draw.second_seed_by),
            step(_("Drawn"), draw.drawn_at),
            step(_("Published"), draw.published_at),
            step(_("Every applicant told"), draw.applied_at),
        ],
        "shares": draw_files.shares(pots) if drawn else [draw_files.Share(pot) for pot in pots],
        "is_drawn": drawn,
        "days_left": days_left(draw),
        "as_of": clock.now(),
    }


def step(name: str, at: Any, by: Any = None) -> dict[str, Any]:
    return {"name": name, "at": at, "by": by}


def days_left(draw: Draw) -> int:
    """Count the days until the seed is known, while it is waited for."""
    today: date = clock.today()
    waits = draw.status == Status.FROZEN and draw.seed_due_on > today
    return (draw.seed_due_on - today).days if waits else 0
