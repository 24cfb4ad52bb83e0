from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from participants.models import EligibilityRule, Lane, Quota, RecruitmentRound, RoundChange
from participants.rules.words import in_words
from participants.services.judging import TAKING, weekdays_of, window_of
from participants.services.round_changes import told
from seoul_health.core import clock

from .seats import SECONDS, left, taken_in
from .views import GuestView


class QuotaAnswer(serializers.ModelSerializer[Quota]):
    is_open = serializers.SerializerMethodField()
    left = serializers.SerializerMethodField()

    class Meta:
        model = Quota
        fields = (
            "code", "group", "value", "seats", "spill_order", "opens_at", "closes_at", "is_open",
            "left",
        )  # fmt: skip

    def get_is_open(self, quota: Quota) -> bool:
        """Whether these seats can be applied for now: in their wave, or on their special day."""
        opens_at, closes_at = window_of(quota.lane, quota)
        return quota.lane.round.status in TAKING and opens_at <= clock.now() < closes_at

    @extend_schema_field(serializers.ChoiceField(choices=["plenty", "some", "few", "none"]))
    def get_left(self, quota: Quota) -> str:
        return left(quota, self.context["taken"].get(quota.pk, 0))


class LaneAnswer(serializers.ModelSerializer[Lane]):
    weekdays = serializers.SerializerMethodField()
    is_open = serializers.SerializerMethodField()
    quotas = QuotaAnswer(many=True)

    class Meta:
        model = Lane
        fields = (
            "kind", "method", "weekdays", "opens_at", "closes_at", "is_open", "offer_hours",
            "quotas",
        )  # fmt: skip

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_weekdays(self, lane: Lane) -> dict[str, int]:
        """Decade of age to its ISO weekday, where each decade applies on its day."""
        if lane.method != Lane.Method.WEEKDAY_BY_BIRTH_YEAR:
            return {}
        return {str(decade): day for decade, day in weekdays_of(lane).items()}

    def get_is_open(self, lane: Lane) -> bool:
        taking = lane.round.status in TAKING
        return taking and lane.opens_at <= clock.now() < lane.closes_at


class ChangeAnswer(serializers.Serializer[Any]):
    """What was changed after the announcement, and why."""

    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=RoundChange.Kind.choices)
    lane = serializers.ChoiceField(choices=Lane.Kind.choices, allow_null=True)
    before = serializers.DateTimeField(allow_null=True)
    closes_at = serializers.DateTimeField(allow_null=True)
    rule_version = serializers.IntegerField(allow_null=True)
    effective_from = serializers.DateField(allow_null=True)
    reason = serializers.CharField()


class RoundAnswer(serializers.ModelSerializer[RecruitmentRound]):
    lanes = LaneAnswer(many=True)
    rules = serializers.SerializerMethodField()
    changes = serializers.SerializerMethodField()

    class Meta:
        model = RecruitmentRound
        fields = ("code", "name", "status", "starts_on", "ends_on", "lanes", "rules", "changes")

    @extend_schema_field(ChangeAnswer(many=True))
    def get_changes(self, row: RecruitmentRound) -> Any:
        return ChangeAnswer([told(change) for change in row.changes.all()], many=True).data

    def get_rules(self, row: RecruitmentRound) -> list[str]:
        """The rule in force, in words."""
        today = clock.today()
        versions = sorted(row.rules.all(), key=lambda rule: (rule.effective_from, rule.pk))
        in_force = [rule for rule in versions if rule.effective_from <= today]
        rule = (in_force or versions)[-1:] or None
        return in_words(rule[0]) if rule else []


def shown_rounds() -> QuerySet[RecruitmentRound]:
    """Read rounds with everything an answer needs, in five queries however many there are."""
    quotas = Prefetch("quotas", Quota.objects.order_by("spill_order", "pk"))
    lanes = Lane.objects.select_related("round").order_by("pk").prefetch_related(quotas)
    rules = EligibilityRule.objects.released().order_by("pk")
    changes = RoundChange.objects.applied().select_related("lane", "rule")
    return RecruitmentRound.objects.public().prefetch_related(
        Prefetch("lanes", lanes), Prefetch("rules", rules), Prefetch("changes", changes)
    )


class RoundsView(GuestView, generics.ListAPIView[RecruitmentRound]):
    """GET /api/v1/rounds/ — the rounds a citizen may know of, newest first."""

    serializer_class = RoundAnswer

    def get_queryset(self) -> QuerySet[RecruitmentRound]:
        return shown_rounds()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        answer = RoundAnswer(page, many=True, context={"taken": taken_in(page)})
        page_of_rounds = self.get_paginated_response(answer.data)
        patch_cache_control(page_of_rounds, public=True, max_age=SECONDS)
        return page_of_rounds


class RoundView(GuestView):
    """GET /api/v1/rounds/{code}/ — one round: lanes, seats, windows, rules in words."""

    @extend_schema(responses=RoundAnswer)
    def get(self, request: Request, code: str) -> Response:
        row = find_round(code)
        answer = Response(RoundAnswer(row, context={"taken": taken_in([row])}).data)
        patch_cache_control(answer, public=True, max_age=SECONDS)
        return answer


def find_round(code: str) -> RecruitmentRound:
    """Give a round the public knows of."""
    return get_object_or_404(shown_rounds(), code=code)
