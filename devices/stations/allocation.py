"""Watches for a lane's winners: what would happen, who got some, and taking it back."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import Allocation, Loan, Lot, Site
from devices.services import allocation
from participants.models import Lane
from seoul_health.core import clock
from seoul_health.core.errors import DomainError
from seoul_health.core.models.staff import Scope

from .base import Station

SHOWN = 30


class AllocationForm(forms.Form):
    """Which watches go to which lane."""

    lane = forms.ModelChoiceField(label=gettext_lazy("Lane"), queryset=Lane.objects.none())
    lot = forms.ModelChoiceField(
        label=gettext_lazy("Only of this lot"), queryset=Lot.objects.order_by("code"),
        required=False,
    )  # fmt: skip
    site = forms.ModelChoiceField(
        label=gettext_lazy("Only from this site"), required=False,
        queryset=Site.objects.filter(devices__status="in_stock").distinct().order_by("name", "pk"),
    )  # fmt: skip
    most = forms.IntegerField(
        label=gettext_lazy("At most"), min_value=1, max_value=1_000_000, required=False
    )

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        lane = self.fields["lane"]
        assert isinstance(lane, forms.ModelChoiceField)
        waiting = Loan.objects.without_watch().order_by().values("application__lane")
        lane.queryset = Lane.objects.filter(pk__in=waiting).select_related("round")


class AllocationsView(Station):
    """GET, POST /staff/devices/allocations/ — who waits, what there is, and setting it aside."""

    permission = "devices.allocate_device"
    template = "devices/allocations.html"
    title = gettext_lazy("Allocation of watches")

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """A lane's winners live all over the city, so a district's staff have no part in it."""
        user = request.user
        is_bound = getattr(user, "scope", Scope.CITY) != Scope.CITY
        if is_bound and not getattr(user, "is_superuser", False):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(AllocationForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = AllocationForm(request.POST)
        if not form.is_valid():
            return self.page(form, status=400)
        terms = form.cleaned_data
        if request.POST.get("do") == "look":
            seen = allocation.outlook(terms["lane"], lot=terms["lot"], site=terms["site"])
            return self.page(form, outlook=seen)
        try:
            asked = allocation.ask_allocation(**terms, by=self.staff)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            return self.page(form, status=422)
        messages.success(request, _("{number} has begun.").format(number=asked))
        return redirect("stations:allocations")

    def page(
        self,
        form: AllocationForm,
        *,
        outlook: allocation.Outlook | None = None,
        status: int = 200,
    ) -> HttpResponse:
        rows = Allocation.objects.select_related("lane__round", "lot", "site", "asked_by")
        unsent = Count("loans", filter=Q(loans__status="reserved"))
        waits = (
            Loan.objects.without_watch()
            .order_by()
            .values("application__lane__round__name", "application__lane__kind")
            .annotate(count=Count("pk"))
            .order_by("-count")
        )
        kinds = dict(Lane.Kind.choices)
        context = {
            "form": form,
            "outlook": outlook,
            "rows": rows.annotate(unsent=unsent).order_by("-pk")[:SHOWN],
            "waits": [
                (
                    row["application__lane__round__name"],
                    kinds[row["application__lane__kind"]],
                    row["count"],
                )
                for row in waits
            ],
            "in_stock": allocation.fitting(None, None).count(),
            "as_of": clock.now(),
        }
        return self.show(context, status=status)


class AllocationUndo(AllocationsView):
    """POST /staff/devices/allocations/{id}/undo/ — put back what is not packed yet."""

    def get(self, request: HttpRequest, pk: int = 0) -> HttpResponse:
        return redirect("stations:allocations")

    def post(self, request: HttpRequest, pk: int = 0) -> HttpResponse:
        found = get_object_or_404(Allocation.objects.select_related("lane"), pk=pk)
        try:
            back = allocation.take_back(found, why=request.POST.get("why", "")[:200], by=self.staff)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            told = _("{count} watches are back in stock. The lane now waits for you.")
            messages.success(request, told.format(count=f"{back:,}"))
        return redirect("stations:allocations")
