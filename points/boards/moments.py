"""What the whole city's book held at a moment: all purses together, and every pot."""

from datetime import datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from points.models import Account, PotCheckpoint
from points.services.as_of import city_at
from seoul_health.core import clock

from .base import Board

LATEST_CHECKPOINTS = 10


class MomentForm(forms.Form):
    as_of = forms.DateTimeField(label=_("As of (Seoul time)"), required=False)

    def clean_as_of(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["as_of"]
        if moment is not None and moment > clock.now():
            raise forms.ValidationError(gettext("This moment has not come yet."))
        return moment


class MomentView(Board):
    """GET /staff/points/at/?as_of=… — every pot and all purses at a moment."""

    permission = "points.view_settlement"
    template = "points/moment.html"
    title = _("Balances at a moment")

    def get(self, request: HttpRequest) -> HttpResponse:
        form = MomentForm(request.GET or None)
        asked = form.cleaned_data["as_of"] if form.is_valid() else None
        city = city_at(asked or clock.now())
        pots = Account.objects.filter(kind=Account.Kind.POT).order_by("code")
        checkpoints = PotCheckpoint.objects.select_related("pot").order_by("-made_at", "pot_id")
        context = {
            "form": form,
            "city": city,
            "pots": [(pot, city.pots[pot.code]) for pot in pots],
            "checkpoints": checkpoints[:LATEST_CHECKPOINTS],
        }
        return self.show(context, status=400 if form.errors else 200)
