"""A citizen's own reservations and places on waiting lists."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from devices.models import Reservation, Slot, Waiting
from devices.services import reservations, waiting
from participants.api.views import ParticipantView
from seoul_health.core.api.fields import PublicId
from seoul_health.core.api.idempotency import idempotent
from seoul_health.core.api.pagination import NewestFirst
from seoul_health.core.errors import NotFound

BECAUSE = {
    "age_from": gettext_noop("You are {value} or older."),
    "first_visit": gettext_noop("This is your first visit."),
    "open_alert": gettext_noop("A reading of yours needs care."),
    "no_shows": gettext_noop("You missed a visit within the last {value} days."),
}


class ReservationAnswer(serializers.ModelSerializer[Reservation]):
    """One's own reservation; ids are opaque."""

    id = serializers.UUIDField(source="public_id")
    status_label = serializers.CharField(source="get_status_display")
    slot = serializers.UUIDField(source="slot.public_id")
    site = serializers.UUIDField(source="slot.resource.site.public_id")
    site_name = serializers.CharField(source="slot.resource.site.name")
    address = serializers.CharField(source="slot.resource.site.address")
    name = serializers.CharField(source="slot.resource.name")
    starts_at = serializers.DateTimeField(source="slot.starts_at")
    ends_at = serializers.DateTimeField(source="slot.ends_at")

    class Meta:
        model = Reservation
        fields = (
            "id",
            "status",
            "status_label",
            "slot",
            "site",
            "site_name",
            "address",
            "name",
            "starts_at",
            "ends_at",
            "booked_at",
            "came_at",
        )


class Part(serializers.Serializer[Any]):
    text = serializers.CharField()
    points = serializers.IntegerField()


class WaitingAnswer(serializers.ModelSerializer[Waiting]):
    """A place on a waiting list: how far in front, and why there."""

    id = serializers.UUIDField(source="public_id")
    status_label = serializers.CharField(source="get_status_display")
    slot = serializers.UUIDField(source="slot.public_id")
    site_name = serializers.CharField(source="slot.resource.site.name")
    name = serializers.CharField(source="slot.resource.name")
    starts_at = serializers.DateTimeField(source="slot.starts_at")
    rank = serializers.SerializerMethodField()
    because = serializers.SerializerMethodField()
    reservation = serializers.SerializerMethodField()

    class Meta:
        model = Waiting
        fields = (
            "id",
            "status",
            "status_label",
            "slot",
            "site_name",
            "name",
            "starts_at",
            "asked_at",
            "rank",
            "score",
            "because",
            "reservation",
        )

    def get_rank(self, row: Waiting) -> int | None:
        return waiting.rank_of(row) if row.status == Waiting.Status.WAITING else None

    def get_because(self, row: Waiting) -> list[dict[str, Any]]:
        return because(row)

    def get_reservation(self, row: Waiting) -> str | None:
        return str(row.reservation.public_id) if row.reservation else None


class WantedSlot(serializers.Serializer[Any]):
    slot = PublicId()


def because(row: Waiting) -> list[dict[str, Any]]:
    """Say in sentences what a priority is made of."""
    return [
        {"text": _(BECAUSE[part["kind"]]).format(value=part["value"]), "points": part["points"]}
        for part in row.score_parts
        if part["kind"] in BECAUSE
    ]


def slot_of(request: Request) -> Slot:
    wanted = WantedSlot(data=request.data)
    wanted.is_valid(raise_exception=True)
    found = Slot.objects.filter(
        public_id=wanted.validated_data["slot"],
        resource__is_active=True,
        resource__site__is_active=True,
    )
    slot = found.select_related("resource__site", "plan").first()
    if slot is None:
        raise NotFound
    return slot


class ReservationsView(ParticipantView):
    """/api/v1/me/reservations/ — what I have reserved; reserve a time."""

    @extend_schema(responses=ReservationAnswer(many=True))
    def get(self, request: Request) -> Response:
        pages = NewestFirst()
        own = Reservation.objects.filter(participant=self.me)
        page = pages.paginate_queryset(own.select_related("slot__resource__site"), request)
        return pages.get_paginated_response(ReservationAnswer(page, many=True).data)

    @extend_schema(request=WantedSlot, responses={201: ReservationAnswer})
    @idempotent
    def post(self, request: Request) -> Response:
        reservation = reservations.book(self.me, slot_of(request), by=self.me)
        return Response(ReservationAnswer(reservation).data, status=status.HTTP_201_CREATED)


class ReservationView(ParticipantView):
    """/api/v1/me/reservations/{id}/ — one of mine; give it back."""

    def own(self, public_id: UUID) -> Reservation:
        rows = Reservation.objects.filter(participant=self.me, public_id=public_id)
        row = rows.select_related("slot__resource__site").first()
        if row is None:
            raise NotFound
        return row

    @extend_schema(responses=ReservationAnswer)
    def get(self, request: Request, public_id: UUID) -> Response:
        return Response(ReservationAnswer(self.own(public_id)).data)

    @extend_schema(request=None, responses={204: None})
    @idempotent
    def delete(self, request: Request, public_id: UUID) -> Response:
        reservations.cancel(self.own(public_id), by=self.me)
        return Response(status=status.HTTP_204_NO_CONTENT)


class WaitingsView(ParticipantView):
    """/api/v1/me/waiting-lists/ — where I wait; wait for a full time."""

    @extend_schema(responses=WaitingAnswer(many=True))
    def get(self, request: Request) -> Response:
        pages = NewestFirst()
        own = Waiting.objects.filter(participant=self.me)
        rows = own.select_related("slot__resource__site", "reservation")
        page = pages.paginate_queryset(rows, request)
        return pages.get_paginated_response(WaitingAnswer(page, many=True).data)

    @extend_schema(request=WantedSlot, responses={201: WaitingAnswer})
    @idempotent
    def post(self, request: Request) -> Response:
        row = waiting.wait(self.me, slot_of(request), by=self.me)
        return Response(WaitingAnswer(row).data, status=status.HTTP_201_CREATED)


class WaitingView(ParticipantView):
    """/api/v1/me/waiting-lists/{id}/ — one of mine; stop waiting."""

    def own(self, public_id: UUID) -> Waiting:
        rows = Waiting.objects.filter(participant=self.me, public_id=public_id)
        row = rows.select_related("slot__resource__site", "reservation").first()
        if row is None:
            raise NotFound
        return row

    @extend_schema(responses=WaitingAnswer)
    def get(self, request: Request, public_id: UUID) -> Response:
        return Response(WaitingAnswer(self.own(public_id)).data)

    @extend_schema(request=None, responses={204: None})
    @idempotent
    def delete(self, request: Request, public_id: UUID) -> Response:
        waiting.leave(self.own(public_id), by=self.me)
        return Response(status=status.HTTP_204_NO_CONTENT)
