from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from participants.api.views import ParticipantView
from points.models import Campaign
from points.services.campaign_figures import Hope, hopes_of, need_of

MESSAGES: dict[str, str | Promise] = {
    "awarded": _("You have a place, and its points are in your purse."),
    "not_started": _("This campaign has not begun yet."),
    "goal_not_reached": _("There are places left; the goal is not reached yet."),
    "campaign_full": _("All places of this campaign are taken."),
    "budget_spent": _("The budget of this campaign is spent."),
    "campaign_over": _("This campaign is over."),
}


class QualifiesShape(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=Campaign.Kind.choices)
    steps = serializers.IntegerField(required=False)
    days = serializers.IntegerField(required=False)
    item = serializers.CharField(required=False)


class ProgressShape(serializers.Serializer[Any]):
    have = serializers.IntegerField()
    need = serializers.IntegerField()


class CampaignAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    qualifies = QualifiesShape()
    points = serializers.IntegerField()
    places = serializers.IntegerField()
    places_left = serializers.IntegerField()
    state = serializers.ChoiceField(choices=["upcoming", "open", "awarded", "full", "over"])
    reason = serializers.CharField()
    message = serializers.CharField()
    place_no = serializers.IntegerField(allow_null=True)
    progress = ProgressShape()


class CampaignsView(ParticipantView):
    """GET /api/v1/me/campaigns/ — every campaign, what it asks, and where I stand."""

    @extend_schema(responses=CampaignAnswer(many=True))
    def get(self, request: Request) -> Response:
        return Response([campaign_row(hope) for hope in hopes_of(self.me)])


def campaign_row(hope: Hope) -> dict[str, Any]:
    campaign, standing = hope.standing.campaign, hope.standing
    asked = {"steps": campaign.steps, "days": campaign.days, "item": campaign.item}
    return {
        "code": campaign.code,
        "name": campaign.name,
        "starts_on": campaign.starts_on,
        "ends_on": campaign.ends_on,
        "qualifies": {
            "kind": campaign.kind, **{name: value for name, value in asked.items() if value},
        },
        "points": campaign.points,
        "places": standing.size,
        "places_left": standing.left,
        "state": hope.state,
        "reason": hope.reason,
        "message": str(MESSAGES[hope.reason]),
        "place_no": hope.place_no,
        "progress": {"have": hope.have, "need": need_of(campaign)},
    }  # fmt: skip
