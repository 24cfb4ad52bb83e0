import hashlib
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from complaints.api.status import NoticeRow
from complaints.models import Complaint
from complaints.services.publishing import shown_now
from devices.models import Loan
from participants.api.views import ParticipantView
from participants.models import Application, Participant, Participation
from participants.services.consent_texts import to_agree
from points.api.shapes import WalkedDayAnswer, walked_row
from points.services.statements import days_of, summary_of
from seoul_health.core import clock


class HomeState(serializers.Serializer[Any]):
    verified = serializers.BooleanField()
    round = serializers.CharField(allow_null=True)
    participation = serializers.CharField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)


class HomePoints(serializers.Serializer[Any]):
    balance = serializers.IntegerField()
    payable = serializers.IntegerField()
    pending = serializers.IntegerField()


class HomeTask(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)


class HomeAnswer(serializers.Serializer[Any]):
    """Everything the app's first screen shows, in one call."""

    state = HomeState()
    today = WalkedDayAnswer()
    points = HomePoints()
    tasks = HomeTask(many=True)
    notices = serializers.ListField(child=serializers.DictField())


class HomeView(ParticipantView):
    """GET /api/v1/me/home/ — one call with an ETag for the app's first screen."""

    @extend_schema(responses=HomeAnswer)
    def get(self, request: Request) -> Response:
        home = home_of(self.me)
        etag = f'"{hashlib.sha256(JSONRenderer().render(home)).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if request.headers.get("If-None-Match") == etag:
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
        return Response(home, headers=headers)


def home_of(person: Participant) -> dict[str, Any]:
    """Collect what one person sees first; nothing is written."""
    today = clock.today()
    points = summary_of(person)
    return {
        "state": state_of(person),
        "today": walked_row(days_of(person, today, today)[0]),
        "points": {
            "balance": points.balance,
            "payable": points.payable,
            "pending": points.pending,
        },
        "tasks": tasks_of(person),
        "notices": NoticeRow(shown_now(), many=True).data,
    }


def state_of(person: Participant) -> dict[str, Any]:
    live = Participation.objects.live().filter(participant=person).select_related("round").first()
    return {
        "verified": person.is_verified,
        "round": live.round.code if live else None,
        "participation": live.status if live else None,
        "ends_on": live.ends_on if live else None,
    }


def tasks_of(person: Participant) -> list[dict[str, Any]]:
    """Name what waits for this person, the soonest first."""
    tasks = []
    if Application.objects.filter(participant=person, status="selected").exists():
        tasks.append(task("accept_seat", _("You were selected. Please accept your seat.")))
    loan = Loan.objects.live().filter(participant=person).first()
    if loan and loan.status == Loan.Status.DELIVERED:
        tasks.append(task("accept_watch", _("Please confirm that you have your watch.")))
    if loan and loan.status == Loan.Status.RECALL_REQUESTED:
        tasks.append(task("return_watch", _("Please send your watch back."), loan.due_on))
    waiting = Complaint.objects.of(person).filter(status="supplement_requested")
    if waiting.exists():
        tasks.append(task("supplement", _("An agent is waiting for your answer to a question.")))
    for words in to_agree(person):
        asked = _("The consent “{title}” has a new version. Please read it and agree.")
        tasks.append(task("agree_consent", asked.format(title=words.title)))
    return tasks


def task(code: str, text: str, due_on: date | None = None) -> dict[str, Any]:
    return {"code": code, "text": text, "due_on": due_on}
