"""The people behind a simulation's figures: masked, page by page, and written down."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.models import EarningRule, SimulatedPerson, Simulation
from points.models.simulations import SimulatedPersonQuerySet
from seoul_health.core import audit
from seoul_health.core.spreadsheets import write_csv

from .base import Board
from .rule_forms import ExportForm
from .rule_words import SIDES

PAGE, MOST_IN_FILE = 50, 100_000
SIDE = {"winners": Q(difference__gt=0), "losers": Q(difference__lt=0), "unchanged": Q(difference=0)}


class Wanted(forms.Form):
    """Which people: by side, place, age, difference, and the month a limit cut them."""

    side = forms.ChoiceField(
        label=gettext_lazy("Who"), choices=[("", gettext_lazy("Everybody")), *SIDES.items()],
        required=False,
    )  # fmt: skip
    district = forms.CharField(label=gettext_lazy("District"), max_length=20, required=False)
    senior = forms.ChoiceField(
        label=gettext_lazy("Age"), required=False,
        choices=[
            ("", gettext_lazy("All ages")), ("0", gettext_lazy("Under 70")),
            ("1", gettext_lazy("70 or older")),
        ],
    )  # fmt: skip
    least = forms.IntegerField(required=False, widget=forms.HiddenInput)
    most = forms.IntegerField(required=False, widget=forms.HiddenInput)
    capped = forms.RegexField(r"^20[0-9]{2}-[01][0-9]$", required=False, widget=forms.HiddenInput)
    off_the_book = forms.BooleanField(required=False, widget=forms.HiddenInput)
    order = forms.ChoiceField(
        label=gettext_lazy("Order"), required=False,
        choices=[
            ("", gettext_lazy("Largest gain first")),
            ("losses", gettext_lazy("Largest loss first")),
        ],
    )  # fmt: skip

    def narrow(self, people: SimulatedPersonQuerySet) -> SimulatedPersonQuerySet:
        given = self.cleaned_data
        if given["side"]:
            people = people.filter(SIDE[given["side"]])
        if given["district"]:
            people = people.filter(district=given["district"])
        if given["senior"]:
            people = people.filter(is_senior=given["senior"] == "1")
        if given["least"] is not None:
            people = people.filter(difference__gte=given["least"])
        if given["most"] is not None:
            people = people.filter(difference__lte=given["most"])
        if given["capped"]:
            year, month = (int(part) for part in given["capped"].split("-"))
            people = people.filter(capped_after__year=year, capped_after__month=month)
        return people.exclude(before=F("booked")) if given["off_the_book"] else people

    @property
    def direction(self) -> str:
        return "" if self.cleaned_data["order"] == "losses" else "-"

    def address(self, **more: Any) -> str:
        kept = {
            name: value
            for name, value in self.cleaned_data.items()
            if value not in (None, "", False)
        }
        return f"?{urlencode({**kept, **more})}"


class PeopleView(Board):
    """GET /staff/points/rules/{code}/people/ — who they are. POST — the same as a file."""

    permission = "points.view_simulatedperson"
    template = "points/rule_people.html"
    title = gettext_lazy("People of a simulation")

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return self.page(code, ExportForm())

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        if not request.user.has_perm("points.export_simulation"):
            raise PermissionDenied
        form = ExportForm(request.POST)
        if not form.is_valid():
            return self.page(code, form, status=400)
        simulation, wanted = simulation_of(code), self.wanted()
        people = list(self.people(simulation, wanted)[:MOST_IN_FILE])
        numbers = [person.participant.number for person in people]
        self.write_down(numbers, action="export", what="points:simulation")
        audit.record(
            "exported", simulation, by=self.staff, people=len(people),
            reason=form.cleaned_data["reason"],
        )  # fmt: skip
        return as_file(code, people)

    def page(self, code: str, form: ExportForm, *, status: int = 200) -> HttpResponse:
        simulation, wanted = simulation_of(code), self.wanted()
        people = self.people(simulation, wanted)
        shown = list(after(people, self.request.GET.get("after", ""), wanted.direction)[: PAGE + 1])
        listed, rest = shown[:PAGE], shown[PAGE:]
        self.write_down(
            [one.participant.number for one in listed], action="list", what="points:simulation"
        )
        last = listed[-1] if rest else None
        context = {
            "row": simulation.rule,
            "simulation": simulation,
            "wanted": wanted,
            "people": listed,
            "next": wanted.address(after=f"{last.difference}:{last.pk}") if last else "",
            "form": form,
            "side": SIDES.get(wanted.cleaned_data["side"], _("Everybody")),
        }
        return self.show(context, status=status)

    def wanted(self) -> Wanted:
        wanted = Wanted(self.request.GET)
        if not wanted.is_valid():
            raise BadRequest
        return wanted

    def people(self, simulation: Simulation, wanted: Wanted) -> SimulatedPersonQuerySet:
        seen = SimulatedPerson.objects.visible_to(self.staff).filter(simulation=simulation)
        ordered = wanted.narrow(seen).select_related("participant")
        return ordered.order_by(f"{wanted.direction}difference", f"{wanted.direction}pk")


def simulation_of(code: str) -> Simulation:
    rule = get_object_or_404(EarningRule, code=code)
    done = rule.simulations.filter(status=Simulation.Status.DONE).select_related("rule")
    simulation = done.order_by("-pk").first()
    if simulation is None:
        raise Http404
    return simulation


def after(people: SimulatedPersonQuerySet, text: str, direction: str) -> SimulatedPersonQuerySet:
    """Go on behind the last person of the page before."""
    if not text:
        return people
    difference, _sep, pk = text.partition(":")
    try:
        place = (int(difference), int(pk))
    except ValueError as fault:
        raise BadRequest from fault
    if max(map(abs, place)) > 2**62:
        raise BadRequest
    way = "lt" if direction else "gt"
    same = Q(difference=place[0], **{f"pk__{way}": place[1]})
    return people.filter(Q(**{f"difference__{way}": place[0]}) | same)


def as_file(code: str, people: Iterable[SimulatedPerson]) -> HttpResponse:
    heads = [
        _("Participant number"), _("District"), _("70 or older"), _("Points by the rules in force"),
        _("Points by the draft"), _("Difference"), _("Points booked"), _("Limit reached on"),
        _("Limit of the draft reached on"),
    ]  # fmt: skip
    rows = (
        [
            one.participant.number, one.district, _("Yes") if one.is_senior else _("No"),
            one.before, one.after, one.difference, one.booked, one.capped_before or "",
            one.capped_after or "",
        ]
        for one in people
    )  # fmt: skip
    answer = HttpResponse(write_csv(heads, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="simulation-{code}.csv"'
    return answer
