from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse as absolute

from participants.models import Draw, Lane
from participants.services import draw_files

from .views import GuestView

SECONDS = 30
LANE = OpenApiParameter("lane", enum=Lane.Kind.values, description="Which lane's draw; else one.")
PUBLIC_STATUS = [
    (str(status), status.value) for status in (Draw.Status.FROZEN, Draw.Status.PUBLISHED)
]


class NdjsonRenderer(BaseRenderer):
    """Lets a caller ask for NDJSON by its name; the lines themselves are streamed."""

    media_type = "application/x-ndjson"
    format = "ndjson"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return bytes(JSONRenderer().render(data))


class DrawQuota(serializers.Serializer[Any]):
    code = serializers.CharField(source="pot.code")
    group = serializers.CharField(source="pot.group")
    value = serializers.CharField(source="pot.value")
    seats = serializers.IntegerField(source="pot.seats")
    spill_order = serializers.IntegerField(source="pot.spill_order")
    applied = serializers.IntegerField(source="pot.applied")
    selected = serializers.IntegerField(allow_null=True)
    seats_received = serializers.IntegerField(
        allow_null=True, help_text="Seats of other quotas that went to applicants of this one."
    )
    seats_given = serializers.IntegerField(
        allow_null=True, help_text="Seats of this quota that went to applicants of others."
    )


class DrawAnswer(serializers.Serializer[Any]):
    """What anybody may know of a draw: all of it, once it is published."""

    lane = serializers.CharField(source="lane.kind")
    status = serializers.ChoiceField(choices=PUBLIC_STATUS, source="public_status")
    seed_source = serializers.CharField()
    seed_form = serializers.CharField()
    seed_due_on = serializers.DateField()
    roster_sha256 = serializers.CharField()
    roster_count = serializers.IntegerField()
    frozen_at = serializers.DateTimeField()
    seed = serializers.SerializerMethodField()
    drawn_at = serializers.SerializerMethodField()
    result_sha256 = serializers.SerializerMethodField()
    results_url = serializers.SerializerMethodField()
    file_url = serializers.SerializerMethodField()
    checker_url = serializers.SerializerMethodField()
    quotas = serializers.SerializerMethodField()

    def get_seed(self, draw: Draw) -> str | None:
        return draw.seed if draw.is_published else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_drawn_at(self, draw: Draw) -> Any:
        field = serializers.DateTimeField()
        known = draw.is_published and draw.drawn_at
        return field.to_representation(draw.drawn_at) if known and draw.drawn_at else None

    def get_result_sha256(self, draw: Draw) -> str | None:
        return draw.result_sha256 if draw.is_published else None

    def get_results_url(self, draw: Draw) -> str | None:
        return self.url_of("draw-results", draw) if draw.is_published else None

    def get_file_url(self, draw: Draw) -> str:
        return self.url_of("draw-file", draw)

    def get_checker_url(self, draw: Draw) -> str:
        return str(self.context["request"].build_absolute_uri(reverse("public:draw-checker")))

    @extend_schema_field(DrawQuota(many=True))
    def get_quotas(self, draw: Draw) -> Any:
        return DrawQuota(draw_files.shares_of(draw), many=True).data

    def url_of(self, name: str, draw: Draw) -> str:
        path = absolute(name, args=[draw.lane.round.code], request=self.context["request"])
        return f"{path}?lane={draw.lane.kind}"


class DrawsAnswer(DrawAnswer):
    lanes = DrawAnswer(many=True)


class DrawView(GuestView):
    """GET /api/v1/rounds/{code}/draw/ — a round's lottery: roster hash, seed, result.

    The roster's hash and the source of the seed are published before the seed can exist.
    """

    @extend_schema(parameters=[LANE], responses=DrawsAnswer)
    def get(self, request: Request, code: str) -> HttpResponse:
        draw = find_draw(request, code)
        draws = list(Draw.objects.public().filter(lane__round=draw.lane.round_id))
        etag = f'"{"-".join(tag_of(one) for one in (draw, *draws))}"'
        if (known := unchanged(request, etag)) is not None:
            return known
        context = {"request": request}
        lanes = DrawAnswer(draws, many=True, context=context).data
        answer = Response({**DrawAnswer(draw, context=context).data, "lanes": lanes})
        found: HttpResponse = cacheable(answer, etag)
        return found


class DrawLines(GuestView):
    renderer_classes = (JSONRenderer, NdjsonRenderer)

    def stream(self, request: Request, draw: Draw, lines: Any, *, name: str) -> HttpResponse:
        etag = f'"{name}-{tag_of(draw)}"'
        if (known := unchanged(request, etag)) is not None:
            return known
        answer = StreamingHttpResponse(lines, content_type="application/x-ndjson; charset=utf-8")
        file = f"{name}-{draw.lane.round.code}-{draw.lane.kind}.ndjson"
        answer["Content-Disposition"] = f'attachment; filename="{file}"'
        found: HttpResponse = cacheable(answer, etag)
        return found


class DrawResultsView(DrawLines):
    """GET /api/v1/rounds/{code}/draw/results/ — a line for every application, as NDJSON."""

    @extend_schema(
        parameters=[LANE], responses={(200, NdjsonRenderer.media_type): OpenApiTypes.STR}
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        draw = find_draw(request, code, status=Draw.Status.PUBLISHED)
        return self.stream(request, draw, draw_files.result_lines(draw), name="results")


class DrawFileView(DrawLines):
    """GET /api/v1/rounds/{code}/draw/file/ — all a checker needs: the terms, then the lines.

    Before the draw it holds the frozen roster, so that everybody can keep a copy.
    """

    @extend_schema(
        parameters=[LANE], responses={(200, NdjsonRenderer.media_type): OpenApiTypes.STR}
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        draw = find_draw(request, code)
        return self.stream(request, draw, draw_files.whole_file(draw), name="draw")


def find_draw(request: Request, code: str, **terms: Any) -> Draw:
    """Give the draw of the lane asked for, or of the round's first that has one."""
    rows = Draw.objects.public().filter(lane__round__code=code, **terms)
    if lane := request.query_params.get("lane"):
        rows = rows.filter(lane__kind=lane)
    found = rows.first()
    return found if found is not None else get_object_or_404(rows.none())


def tag_of(draw: Draw) -> str:
    """Name a state of a draw that the public can tell from another."""
    return f"{draw.pk}-{draw.public_status}-{draw.roster_sha256[:16]}"


def unchanged(request: Request, etag: str) -> HttpResponse | None:
    """Give the short answer to whoever has this state already."""
    known: HttpResponse | None = get_conditional_response(request._request, etag=etag)
    return known


def cacheable(answer: Any, etag: str) -> Any:
    answer["ETag"] = etag
    patch_cache_control(answer, public=True, max_age=SECONDS)
    return answer
