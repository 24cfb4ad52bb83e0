from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from participants.api.views import ParticipantView
from participants.models import Profile
from points.services.account_statements import AccountStatement, statement_for
from points.services.statement_sheets import sheet_of
from seoul_health.core import clock

from .moments import STATEMENT_SPAN, read_span
from .shapes import EntryAnswer, StatementAnswer


class PdfRenderer(BaseRenderer):
    """Lets a caller ask for a PDF by its name; the pages themselves are set elsewhere."""

    media_type = "application/pdf"
    format = "pdf"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return bytes(JSONRenderer().render(data))


class StatementView(ParticipantView):
    """GET /api/v1/me/points/statement/ — a span of days: before, every line, after."""

    @extend_schema(parameters=STATEMENT_SPAN, responses=StatementAnswer)
    def get(self, request: Request) -> Response:
        return Response(statement_row(statement_for(self.me, *read_span(request))))


class StatementFileView(ParticipantView):
    """GET /api/v1/me/points/statement.pdf — the same to print, in the caller's language."""

    renderer_classes = (JSONRenderer, PdfRenderer)

    @extend_schema(
        parameters=STATEMENT_SPAN, responses={(200, "application/pdf"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request) -> HttpResponse:
        first, last = read_span(request)
        statement = statement_for(self.me, first, last)
        profile = Profile.objects.filter(participant=self.me).first()
        holder = profile.name if profile else ""
        sheet = sheet_of(statement, holder=holder, number=self.me.number)
        return sheet.as_response(f"points-{first:%Y%m%d}-{last:%Y%m%d}.pdf")


def statement_row(statement: AccountStatement) -> dict[str, Any]:
    names = ("opening", "closing", "came_in", "went_out", "is_cut")
    return {
        "from": statement.first,
        "to": statement.last,
        "as_of": statement.as_of.astimezone(clock.KST),
        "final": statement.is_final,
        **{name: getattr(statement, name) for name in names},
        "lines": [EntryAnswer(line).data for line in statement.lines],
    }
