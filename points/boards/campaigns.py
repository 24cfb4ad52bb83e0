"""Campaigns while they run: places taken, money left, and who took them when."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.models import Activity, Campaign, CampaignPlace
from points.services.campaign_figures import page_of_places, standings, taken_by_day
from seoul_health.core import clock
from seoul_health.core.charts import Datum, bar_chart, figure

from .base import Board

PAGE = 50
STAGES: dict[str, tuple[str | Promise, str]] = {
    "open": (gettext_lazy("Running"), "ok"),
    "full": (gettext_lazy("Full"), "warn"),
    "upcoming": (gettext_lazy("Not begun yet"), "info"),
    "over": (gettext_lazy("Finished"), "neutral"),
}


def asks(campaign: Campaign) -> str:
    """Say in words what a campaign asks of a person."""
    if campaign.kind == Campaign.Kind.STEPS:
        return _("{steps} steps on one day").format(steps=figure(campaign.steps or 0))
    if campaign.kind == Campaign.Kind.GOAL_DAYS:
        return _("{days} goal days within the window").format(days=campaign.days)
    return str(Activity(campaign.item).label)


class CampaignsView(Board):
    """GET /staff/points/campaigns/ — every campaign, how full it is and what is left."""

    permission = "points.view_campaign"
    template = "points/campaigns.html"
    title = gettext_lazy("Campaigns")

    def get(self, request: HttpRequest) -> HttpResponse:
        today = clock.today()
        rows = Campaign.objects.announced().order_by("-starts_on", "pk")[:100]
        drafts = Campaign.objects.filter(status=Campaign.Status.DRAFT).select_related(
            "requested_by"
        )
        listed = [
            {"one": one, "asks": asks(one.campaign), "stage": STAGES[one.stage(today)]}
            for one in standings(rows)
        ]
        return self.show(
            {
                "listed": listed,
                "drafts": [{"row": row, "asks": asks(row)} for row in drafts.order_by("starts_on")],
                "as_of": clock.now(),
            }
        )


class CampaignView(Board):
    """GET /staff/points/campaigns/{code}/?after=… — one campaign and its places."""

    permission = "points.view_campaign"
    template = "points/campaign.html"
    title = gettext_lazy("Campaign")

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        rows = Campaign.objects.select_related("requested_by", "decided_by")
        row = get_object_or_404(rows, code=code)
        standing = standings([row])[0]
        days = taken_by_day(row)
        return self.show(
            {
                "row": row,
                "one": standing,
                "asks": asks(row),
                "stage": STAGES[standing.stage(clock.today())],
                "chart": chart(days),
                "days": days,
                "as_of": clock.now(),
                **self.places(row),
            }
        )

    def places(self, row: Campaign) -> dict[str, Any]:
        """Give a page of those who have a place, and write down who was seen."""
        if not self.staff.has_perm("points.view_campaignplace"):
            return {}
        text = self.request.GET.get("after", "0")
        if not (text.isascii() and text.isdigit() and len(text) <= 7):
            raise BadRequest
        seen = CampaignPlace.objects.visible_to(self.staff)
        found = page_of_places(row, seen, after=int(text), most=PAGE + 1)
        shown = found[:PAGE]
        numbers = [place.participant.number for place in shown]
        self.write_down(numbers, action="list", what="points:campaign")
        return {"places": shown, "next": shown[-1].number if len(found) > PAGE else None}


def chart(days: list[tuple[Any, int]]) -> str:
    data = [Datum(f"{day:%m.%d}", count) for day, count in days]
    return bar_chart(data, title=_("Places taken by day")) if data else ""
