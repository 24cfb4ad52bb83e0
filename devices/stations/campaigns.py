"""Recall campaigns: proposed, decided by somebody else, and watched wave by wave."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import RecallCampaign
from devices.services import campaigns
from seoul_health.core import charts, clock
from seoul_health.core.errors import DomainError
from seoul_health.core.models.staff import Scope

from .base import Station

SHOWN = 50


class CampaignForm(forms.ModelForm[RecallCampaign]):
    class Meta:
        model = RecallCampaign
        fields = (
            "code", "name", "round", "lot", "district", "overdue_days", "silent_days", "kind",
            "cost", "unit_worth", "waves", "reason",
        )  # fmt: skip


class CampaignsView(Station):
    """GET, POST /staff/devices/campaigns/ — all campaigns, and a proposal for another."""

    permission = "devices.view_recallcampaign"
    template = "devices/campaigns.html"
    title = gettext_lazy("Recall campaigns")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A cohort may reach over the whole city, so a district's staff have no part in it."""
        user = request.user
        is_bound = getattr(user, "scope", Scope.CITY) != Scope.CITY
        if is_bound and not getattr(user, "is_superuser", False):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("silent_days", "")
        first = {"silent_days": int(asked)} if asked.isdecimal() and len(asked) < 4 else {}
        return self.page(CampaignForm(initial=first), is_open=bool(first))

    def post(self, request: HttpRequest) -> HttpResponse:
        if not self.staff.has_perm("devices.request_recallcampaign"):
            raise PermissionDenied
        form = CampaignForm(request.POST)
        if not form.is_valid():
            return self.page(form, is_open=True, status=400)
        try:
            campaign = campaigns.request_campaign(by=self.staff, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            return self.page(form, is_open=True, status=422)
        messages.success(request, _("Asked for. A second person decides."))
        return redirect("stations:campaign", code=campaign.code)

    def page(self, form: CampaignForm, *, is_open: bool, status: int = 200) -> HttpResponse:
        rows = RecallCampaign.objects.select_related("requested_by", "decided_by").order_by("-pk")
        context = {"rows": rows[:SHOWN], "form": form, "is_open": is_open, "as_of": clock.now()}
        return self.show(context, status=status)


class CampaignView(CampaignsView):
    """GET /staff/devices/campaigns/{code}/ — its waves, what they cost, and whether to go on."""

    template = "devices/campaign.html"

    def get(self, request: HttpRequest, code: str = "") -> HttpResponse:
        rows = RecallCampaign.objects.select_related("round", "lot", "requested_by", "decided_by")
        campaign = get_object_or_404(rows, code=code)
        figures = campaigns.progress(campaign)
        waiting = campaign.status == "requested"
        names = [_("Wave {number}").format(number=n) for n in range(1, len(figures.waves) + 1)]
        context = {
            "campaign": campaign,
            "progress": figures,
            "would_ask": campaigns.cohort(campaign).count() if waiting else 0,
            "waves": zip(names, figures.waves, strict=True),
            "pays": figures.next is not None and figures.next.pays(campaign.unit_worth),
            "sends_more": campaign.status == "running" and len(figures.waves) < campaign.waves,
            "chart": charts.stacked_bar_chart(
                names,
                [
                    charts.Series(_("Recovered"), tuple(w.recovered for w in figures.waves)),
                    charts.Series(
                        _("Not recovered"), tuple(w.asked - w.recovered for w in figures.waves)
                    ),
                ],
                title=_("What each wave brought back"),
            ),
            "as_of": clock.now(),
        }
        return self.show(context)


class CampaignAct(CampaignsView):
    """POST …/{verb}/ — approve, reject, send the next wave, or stop."""

    NEEDS = {
        "approve": "devices.decide_recallcampaign",
        "reject": "devices.decide_recallcampaign",
        "wave": "devices.request_recallcampaign",
        "stop": "devices.request_recallcampaign",
    }

    def get(self, request: HttpRequest, code: str = "", verb: str = "") -> HttpResponse:
        return redirect("stations:campaign", code=code)

    def post(self, request: HttpRequest, code: str = "", verb: str = "") -> HttpResponse:
        if verb not in self.NEEDS:
            raise Http404
        if not self.staff.has_perm(self.NEEDS[verb]):
            raise PermissionDenied
        campaign = get_object_or_404(RecallCampaign, code=code)
        try:
            self.act(campaign, verb, why=request.POST.get("why", "")[:200])
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Done; it is written into the history."))
        return redirect("stations:campaign", code=code)

    def act(self, campaign: RecallCampaign, verb: str, *, why: str) -> None:
        if verb == "approve":
            campaigns.approve(campaign, by=self.staff)
        elif verb == "reject":
            campaigns.reject(campaign, why=why, by=self.staff)
        elif verb == "wave":
            campaigns.send_wave(campaign, by=self.staff)
        else:
            campaigns.stop(campaign, why=why, by=self.staff)
