from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from participants.api.views import ParticipantView
from points.models import Clawback, Hold, HoldAppeal, Signal
from points.rules.signals import sentence
from points.services.clawbacks import object_to
from points.services.hold_appeals import can_appeal, file_appeal, last_day
from seoul_health.core import clock
from seoul_health.core.api.fields import PlainText
from seoul_health.core.api.idempotency import idempotent
from seoul_health.core.api.pagination import NewestFirst
from seoul_health.core.errors import NotFound

TEXT = 2_000


class AppealWords(serializers.Serializer[Any]):
    """What the citizen says against a hold or a claw-back."""

    text = PlainText(max_length=TEXT)


class HeldDayAnswer(serializers.Serializer[Any]):
    date = serializers.DateField()
    message = serializers.CharField()


class HoldAppealAnswer(serializers.Serializer[Any]):
    text = serializers.CharField()
    status = serializers.ChoiceField(choices=HoldAppeal.Status.choices)
    filed_at = serializers.DateTimeField()
    promised_on = serializers.DateField()
    answer = serializers.CharField()


class HoldAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    signal = serializers.ChoiceField(choices=Signal.choices)
    status = serializers.ChoiceField(choices=Hold.Status.choices)
    message = serializers.CharField(help_text="What is being checked, or what came of it.")
    next_step = serializers.CharField(help_text="What the citizen can do, in words.")
    days = HeldDayAnswer(many=True)
    raised_at = serializers.DateTimeField()
    promised_on = serializers.DateField(help_text="The day by which a decision is promised.")
    reason = serializers.CharField(help_text="Why it was decided as it was; else empty.")
    can_appeal = serializers.BooleanField()
    appeal_until = serializers.DateField(allow_null=True)
    appeal = HoldAppealAnswer(allow_null=True)


class ClawbackAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    amount = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Clawback.Status.choices)
    reason = serializers.CharField()
    notified_at = serializers.DateTimeField()
    objects_until = serializers.DateField()
    can_object = serializers.BooleanField()
    objection = serializers.CharField()
    objection_answer = serializers.CharField()
    promised_on = serializers.DateField(allow_null=True)
    taken = serializers.IntegerField()
    outstanding = serializers.IntegerField()
    days = serializers.ListField(child=serializers.DateField())


def hold_row(hold: Hold) -> dict[str, Any]:
    appeal = getattr(hold, "appeal", None)
    open_to_appeal = can_appeal(hold)
    return {
        "id": hold.public_id,
        "first_day": hold.first_day,
        "last_day": hold.last_day,
        "signal": hold.signal,
        "status": hold.status,
        "message": message_of(hold),
        "next_step": next_step_of(hold, open_to_appeal=open_to_appeal),
        "days": day_rows(hold),
        "raised_at": hold.raised_at,
        "promised_on": hold.promised_on,
        "reason": hold.reason,
        "can_appeal": open_to_appeal,
        "appeal_until": last_day(hold) if open_to_appeal else None,
        "appeal": appeal and HoldAppealAnswer(appeal).data,
    }


def day_rows(hold: Hold) -> list[dict[str, Any]]:
    """Explain each day by its own numbers; a hold by hand is explained as a whole."""
    return [
        {"date": day, "message": sentence(hold.signal, hold.evidence.get(str(day), {}))}
        for day in hold.days()
        if hold.raised_by_id or str(day) in hold.evidence
    ]


def message_of(hold: Hold) -> str:
    if hold.status == Hold.Status.RELEASED:
        return _("The check is over: the days earn as they always would have.")
    if hold.status == Hold.Status.CONFIRMED:
        return _("The check is over: these days do not earn points.")
    return _("These days are being checked before they earn; nothing is lost meanwhile.")


def next_step_of(hold: Hold, *, open_to_appeal: bool) -> str:
    if hold.status == Hold.Status.RELEASED:
        return _("You need not do anything.")
    if open_to_appeal:
        return _("If you walked these steps, tell us how; somebody else will look at it again.")
    appeal = getattr(hold, "appeal", None)
    if appeal is not None and appeal.status == HoldAppeal.Status.RECEIVED:
        return _("Your objection will be decided by {day}.").format(day=appeal.promised_on)
    return _("Questions are answered at 02-120.")


def clawback_row(clawback: Clawback) -> dict[str, Any]:
    names = (
        "amount", "status", "reason", "notified_at", "objects_until", "objection",
        "objection_answer", "taken", "outstanding",
    )  # fmt: skip
    until = clawback.objects_until
    return {
        "id": clawback.public_id,
        **{name: getattr(clawback, name) for name in names},
        "promised_on": clawback.objection_promised_on,
        "can_object": clawback.status == Clawback.Status.NOTIFIED
        and until is not None
        and clock.today() <= until,
        "days": sorted(review.award.period for review in clawback.reviews.all()),
    }


class HoldPage(ParticipantView):
    """What the pages of one's own holds share."""

    def find(self, public_id: UUID) -> Hold:
        holds = Hold.objects.filter(participant=self.me).select_related("appeal")
        hold = holds.filter(public_id=public_id).first()
        if hold is None:
            raise NotFound
        return hold


class HoldsView(ParticipantView):
    """GET /api/v1/me/holds/ — which of my days are being checked, why, and what I can do."""

    pagination_class = NewestFirst

    @extend_schema(responses=HoldAnswer(many=True))
    def get(self, request: Request) -> Response:
        pages = NewestFirst()
        mine = Hold.objects.filter(participant=self.me).select_related("appeal")
        page = pages.paginate_queryset(mine, request, view=self) or []
        return pages.get_paginated_response([HoldAnswer(hold_row(hold)).data for hold in page])


class HoldView(HoldPage):
    """GET /api/v1/me/holds/{id}/ — one of them."""

    @extend_schema(responses=HoldAnswer)
    def get(self, request: Request, public_id: UUID) -> Response:
        return Response(HoldAnswer(hold_row(self.find(public_id))).data)


class HoldAppealView(HoldPage):
    """POST /api/v1/me/holds/{id}/appeal/ — say something against it, once."""

    @extend_schema(request=AppealWords, responses={201: HoldAnswer})
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        hold = self.find(public_id)
        asked = AppealWords(data=request.data)
        asked.is_valid(raise_exception=True)
        file_appeal(hold, text=asked.validated_data["text"], by=self.me)
        answer = HoldAnswer(hold_row(self.find(public_id))).data
        return Response(answer, status=status.HTTP_201_CREATED)


class ClawbackPage(ParticipantView):
    """What the pages of one's own claw-backs share; one without notice is not shown."""

    def mine(self) -> Any:
        rows = Clawback.objects.filter(participant=self.me, notified_at__isnull=False)
        return rows.prefetch_related("reviews__award")

    def find(self, public_id: UUID) -> Clawback:
        clawback: Clawback | None = self.mine().filter(public_id=public_id).first()
        if clawback is None:
            raise NotFound
        return clawback


class ClawbacksView(ClawbackPage):
    """GET /api/v1/me/clawbacks/ — which points are asked back, why, and until when I can object."""

    pagination_class = NewestFirst

    @extend_schema(responses=ClawbackAnswer(many=True))
    def get(self, request: Request) -> Response:
        pages = NewestFirst()
        page = pages.paginate_queryset(self.mine(), request, view=self) or []
        rows = [ClawbackAnswer(clawback_row(one)).data for one in page]
        return pages.get_paginated_response(rows)


class ClawbackView(ClawbackPage):
    """GET /api/v1/me/clawbacks/{id}/ — one of them."""

    @extend_schema(responses=ClawbackAnswer)
    def get(self, request: Request, public_id: UUID) -> Response:
        return Response(ClawbackAnswer(clawback_row(self.find(public_id))).data)


class ObjectionView(ClawbackPage):
    """POST /api/v1/me/clawbacks/{id}/objection/ — stop it until somebody else has decided."""

    @extend_schema(request=AppealWords, responses={201: ClawbackAnswer})
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        clawback = self.find(public_id)
        asked = AppealWords(data=request.data)
        asked.is_valid(raise_exception=True)
        object_to(clawback, text=asked.validated_data["text"], by=self.me)
        answer = ClawbackAnswer(clawback_row(self.find(public_id))).data
        return Response(answer, status=status.HTTP_201_CREATED)
