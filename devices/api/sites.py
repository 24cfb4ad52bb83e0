"""The public feed of sites and their stock, and the one-step entry of a site's machine."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from devices.api.keys import ConsumerKeys, KeyThrottle, SiteKeyView
from devices.models import FeedNotice, StockReport
from devices.models.sites import Site
from devices.rules.addresses import NoDistrict, read_address
from devices.rules.levels import LEVELS
from devices.services import feed
from devices.services.feed import Edition, Page
from devices.services.stock_reports import take_report
from seoul_health.core.api.fields import PlainText
from seoul_health.core.errors import DomainError, Malformed, NotFound

PER_PAGE, MOST_PER_PAGE = 500, 5_000
FARTHEST = 5_000
CACHED = "public, max-age=2"
LATITUDES, LONGITUDES = (33.0, 43.0), (124.0, 132.0)


class DistrictNeeded(DomainError):
    code = "district_needed"

    def __str__(self) -> str:
        return _("Please name a district of Seoul too, for example “서울특별시 종로구”.")


class PlaceRow(serializers.Serializer[Any]):
    site = serializers.UUIDField()
    name = serializers.CharField()
    address = serializers.CharField()
    district = serializers.CharField()
    type = serializers.ChoiceField(choices=Site.Kind.choices)
    phone = serializers.CharField()
    lat = serializers.FloatField()
    lng = serializers.FloatField()
    hours = serializers.ListField(child=serializers.DictField())


CHOICES = tuple((level, level) for level in LEVELS)


class StockRow(serializers.Serializer[Any]):
    """Coarse on purpose: the level is never older than it looks."""

    site = serializers.UUIDField()
    name = serializers.CharField()
    address = serializers.CharField()
    district = serializers.CharField()
    type = serializers.ChoiceField(choices=Site.Kind.choices)
    lat = serializers.FloatField()
    lng = serializers.FloatField()
    model = serializers.CharField()
    level = serializers.ChoiceField(choices=CHOICES)
    last_level = serializers.ChoiceField(choices=CHOICES)
    stocked_at = serializers.DateTimeField(allow_null=True)
    observed_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField()
    is_stale = serializers.BooleanField()
    distance_m = serializers.IntegerField(required=False)


class PageAnswer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    page = serializers.IntegerField()
    per_page = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class PlacePage(PageAnswer):
    results = PlaceRow(many=True)


class StockPage(PageAnswer):
    results = StockRow(many=True)


class StockList(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    results = StockRow(many=True)


class Telling(serializers.Serializer[Any]):
    """What one window has of one model at one moment."""

    window = serializers.CharField()
    model = serializers.CharField()
    quantity = serializers.IntegerField(min_value=0)
    observed_at = serializers.DateTimeField()
    stopped = serializers.BooleanField(required=False)


class Told(serializers.ModelSerializer[StockReport]):
    window = serializers.CharField(source="window.code")
    model = serializers.CharField(source="model.code")
    stopped = serializers.BooleanField(source="is_stopped")

    class Meta:
        model = StockReport
        fields = ("window", "model", "quantity", "stopped", "observed_at", "received_at")


def parameter(name: str, kind: Any, text: str, *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, kind, description=text, required=required)


PAGING = [
    parameter("page", OpenApiTypes.INT, "From 1."),
    parameter("per_page", OpenApiTypes.INT, f"At most {MOST_PER_PAGE}; {PER_PAGE} if not said."),
]
MODEL = parameter("model", OpenApiTypes.STR, "Only one model.")


class FeedView(APIView):
    """A part of the public feed: no key is needed; one gives a limit of its own."""

    authentication_classes = (ConsumerKeys,)
    permission_classes = ()
    throttle_classes = (KeyThrottle,)
    part: FeedNotice.Part

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Let the pages of others ask with a key."""
        answer = Response(status=status.HTTP_204_NO_CONTENT)
        answer["Access-Control-Allow-Methods"] = "GET"
        answer["Access-Control-Allow-Headers"] = "X-Api-Key, If-None-Match"
        answer["Access-Control-Max-Age"] = "86400"
        return answer

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        return response

    def answer(self, request: Request, at: Edition, body: Any) -> HttpResponse:
        return respond(request._request, feed.page_of(body), at, part=self.part)

    def paged(
        self, request: Request, at: Edition, rows: Sequence[Any], **terms: str
    ) -> HttpResponse:
        body = page_answer(request, rows, terms)
        key = f"{self.part}:{body['page']}:{body['per_page']}:{terms}"
        page = feed.kept_page(at, key, body, asked=request.get_full_path())
        return respond(request._request, page, at, part=self.part)

    def model_asked(self, request: Request, at: Edition) -> str | None:
        model = request.query_params.get("model")
        if model is not None and model not in at.snapshot.thresholds:
            raise Malformed({"model": [_("No feed tells of this model.")]})
        return model


def respond(request: HttpRequest, page: Page, at: Edition, *, part: str) -> HttpResponse:
    """Give a page out, packed where that is understood, or say that it is still the same."""
    packed = bool(page.packed) and "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
    etag = f'{page.etag[:-1]}-gz"' if packed else page.etag
    if etag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(page.packed if packed else page.body, content_type="application/json")
        answer["Content-Length"] = str(len(answer.content))
        if packed:
            answer["Content-Encoding"] = "gzip"
    answer["ETag"] = etag
    answer["Cache-Control"] = CACHED
    answer["Vary"] = "Accept-Encoding"
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Access-Control-Expose-Headers"] = "ETag, Deprecation, Sunset, Retry-After"
    notice = at.snapshot.notices.get(part)
    if notice:
        answer["Deprecation"] = f"@{int(notice.deprecated_at)}"
        ends = datetime.fromtimestamp(notice.ends_at, UTC)
        answer["Sunset"] = format_datetime(ends, usegmt=True)
        answer["Link"] = '</api/v1/docs/>; rel="deprecation"'
    return answer


def page_answer(request: Request, rows: Sequence[Any], terms: dict[str, str]) -> dict[str, Any]:
    """Cut one page out of the rows; a page past the end does not exist."""
    per_page = whole(request, "per_page", PER_PAGE, most=MOST_PER_PAGE)
    number = whole(request, "page", 1, most=10**6)
    last = max(1, -(-len(rows) // per_page))
    if number > last:
        raise NotFound
    return {
        "count": len(rows),
        "page": number,
        "per_page": per_page,
        "next": address(request, number + 1, per_page, terms) if number < last else None,
        "previous": address(request, number - 1, per_page, terms) if number > 1 else None,
        "results": rows[(number - 1) * per_page : number * per_page],
    }


def address(request: Request, page: int, per_page: int, terms: dict[str, str]) -> str:
    return f"{request.path}?{urlencode({'page': page, 'per_page': per_page, **terms})}"


def whole(request: Request, name: str, default: int, *, most: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= most):
        limits = _("A whole number from 1 to {most}.").format(most=most)
        raise Malformed({name: [limits]})
    return int(text)


def decimal(request: Request, name: str, limits: tuple[float, float]) -> float:
    text = request.query_params.get(name, "")
    plain = text.isascii() and len(text) < 24 and text.replace(".", "", 1).isdigit()
    if not plain or not limits[0] <= float(text) <= limits[1]:
        between = _("A number from {low} to {high}.").format(low=limits[0], high=limits[1])
        raise Malformed({name: [between]})
    return float(text)


class SitesView(FeedView):
    """GET /api/v1/sites/ — the places alone; they change seldom."""

    part = FeedNotice.Part.SITES

    @extend_schema(parameters=PAGING, responses=PlacePage)
    def get(self, request: Request) -> HttpResponse:
        at = feed.edition()
        return self.paged(request, at, at.places)


class StockView(FeedView):
    """GET /api/v1/stock/ — the stock of every place."""

    part = FeedNotice.Part.STOCK

    @extend_schema(parameters=[*PAGING, MODEL], responses=StockPage)
    def get(self, request: Request) -> HttpResponse:
        at = feed.edition()
        model = self.model_asked(request, at)
        terms = {"model": model} if model else {}
        return self.paged(request, at, feed.rows_of_model(at.stock, model), **terms)


class StockNearView(FeedView):
    """GET /api/v1/stock/near/ — the stock around a point, the nearest first."""

    part = FeedNotice.Part.NEAR

    @extend_schema(
        parameters=[
            parameter("lat", OpenApiTypes.DOUBLE, "33.0 to 43.0.", required=True),
            parameter("lng", OpenApiTypes.DOUBLE, "124.0 to 132.0.", required=True),
            parameter("m", OpenApiTypes.INT, f"Metres, at most {FARTHEST}; 1000 if not said."),
            MODEL,
        ],
        responses=StockList,
    )
    def get(self, request: Request) -> HttpResponse:
        at = feed.edition()
        rows = feed.near(
            at,
            lat=decimal(request, "lat", LATITUDES),
            lng=decimal(request, "lng", LONGITUDES),
            m=whole(request, "m", 1_000, most=FARTHEST),
            model=self.model_asked(request, at),
        )
        return self.answer(request, at, {"count": len(rows), "results": rows})


class StockByAddressView(FeedView):
    """GET /api/v1/stock/by-address/ — the stock of a district or part of it, never of the city."""

    part = FeedNotice.Part.ADDRESS

    @extend_schema(
        parameters=[
            parameter("address", OpenApiTypes.STR, "“서울특별시 종로구 …”", required=True),
            MODEL,
        ],
        responses=StockList,
    )
    def get(self, request: Request) -> HttpResponse:
        at = feed.edition()
        text = PlainText(max_length=100).run_validation(request.query_params.get("address", ""))
        try:
            asked = read_address(text)
        except NoDistrict as fault:
            raise DistrictNeeded from fault
        rows = feed.by_address(at, asked, model=self.model_asked(request, at))
        return self.answer(request, at, {"count": len(rows), "results": rows})


class SiteStockView(SiteKeyView):
    """POST /api/v1/sites/{id}/stock/ — one step: what is sent is what citizens see."""

    @extend_schema(request=Telling, responses={200: Told, 201: Told})
    def post(self, request: Request, site: UUID) -> Response:
        if site != self.key.site.public_id:
            raise NotFound
        told: Any = request.data
        if not isinstance(told, dict) or not isinstance(told.get("stopped", False), bool):
            raise Malformed
        report, is_new = take_report(self.key.site, told, by=self.key)
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(Told(report).data, status=code)
