from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from complaints.models import Attachment
from complaints.services.attachments import Upload, send
from seoul_health.core.api.idempotency import idempotent
from seoul_health.core.clock import KST
from seoul_health.core.errors import NotFound
from seoul_health.core.files import no_orphans
from seoul_health.core.media import LARGEST

from .views import OwnComplaintView

SEALED = "default-src 'none'; sandbox"


class AttachmentRequest(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=False, use_url=False)


class AttachmentAnswer(serializers.ModelSerializer[Attachment]):
    id = serializers.UUIDField(source="public_id")
    uploaded_at = serializers.DateTimeField(default_timezone=KST)

    class Meta:
        model = Attachment
        fields = ("id", "name", "media_type", "size", "pages", "uploaded_at")


class AttachmentsView(OwnComplaintView):
    """…/attachments/ — photos and papers: JPEG, PNG or PDF of at most 10 MB each."""

    parser_classes = (MultiPartParser,)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Leave no file behind when the answer, or its commit, fails after it was written."""
        with no_orphans():
            return super().dispatch(request, *args, **kwargs)

    @extend_schema(responses=AttachmentAnswer(many=True))
    def get(self, request: Request, receipt_no: str) -> Response:
        shown = self.find(receipt_no).attachments.for_the_citizen()
        return Response(AttachmentAnswer(shown, many=True).data)

    @extend_schema(
        request={"multipart/form-data": AttachmentRequest}, responses={201: AttachmentAnswer}
    )
    @idempotent
    def post(self, request: Request, receipt_no: str) -> Response:
        complaint = self.find(receipt_no)
        asked = AttachmentRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data["file"]
        upload = Upload(sent.read(LARGEST + 1), sent.content_type or "", sent.name or "")
        row = send(complaint, upload, by=self.me)
        row.refresh_from_db()
        return Response(AttachmentAnswer(row).data, status=status.HTTP_201_CREATED)


class AttachmentView(OwnComplaintView):
    """GET …/attachments/{id}/ — the file itself, as it was kept."""

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, receipt_no: str, public_id: UUID) -> HttpResponse:
        shown = self.find(receipt_no).attachments.for_the_citizen()
        row = shown.filter(public_id=public_id).first()
        if row is None:
            raise NotFound
        with row.file.open("rb") as kept:
            response = HttpResponse(kept.read(), content_type=row.media_type)
        response["Content-Security-Policy"] = SEALED
        response["Content-Disposition"] = f'attachment; filename="{row.public_id}"'
        response["Cache-Control"] = "private, no-store"
        return response
