"""Attachments at the desk: added by staff, opened as pictures, every look written down."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from complaints.models import Attachment, Complaint
from complaints.services import attachments
from complaints.services.attachments import Upload
from seoul_health.core.desk import status_of
from seoul_health.core.errors import DomainError, Malformed, UnfitFile
from seoul_health.core.files import no_orphans, picture_of
from seoul_health.core.media import LARGEST

from .base import DeskView
from .cases import case_context, subject_of

# A picture that is opened by itself can run nothing, load nothing and open nothing.
SEALED = "default-src 'none'; sandbox"


class AttachView(DeskView):
    """POST …/attachments/ — add a photo or paper to a complaint."""

    permission = "complaints.answer_complaint"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Leave no file behind when the answer fails after it was written."""
        with no_orphans():
            return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        complaint, sent = self.complaint(receipt_no), request.FILES.get("file")
        if sent is None:
            return self.shown(complaint, error=_("Please choose a file."), status=422)
        upload = Upload(sent.read(LARGEST + 1), sent.content_type or "", sent.name or "")
        is_internal = request.POST.get("is_internal") == "on"
        try:
            attachments.add(complaint, upload, by=self.staff, is_internal=is_internal)
        except DomainError as refusal:
            status = 422 if isinstance(refusal, Malformed) else status_of(refusal)
            return self.shown(complaint, error=str(refusal), status=status)
        told: dict[str, Any] = {"desk-toast": _("The attachment is kept.")}
        return self.shown(complaint, **told)

    def shown(
        self, complaint: Complaint, *, error: str = "", status: int = 200, **events: Any
    ) -> HttpResponse:
        context = case_context(self, self.complaint(complaint.receipt_no), error=error)
        return self.show("case.html", context, status=status, **events)


class AttachmentView(DeskView):
    """GET …/attachments/{id}/{page}/ — one page of an attachment, as a picture drawn by us."""

    def get(
        self, request: HttpRequest, receipt_no: str, public_id: UUID, page: int
    ) -> HttpResponse:
        complaint = self.complaint(receipt_no)
        row = Attachment.objects.filter(complaint=complaint, public_id=public_id).first()
        if row is None or not 1 <= page <= row.pages:
            raise Http404
        self.write_down([subject_of(complaint)], action="view", what=f"attachment:{row.pk}:{page}")
        try:
            content, media_type = picture_of(row, page - 1)
        except UnfitFile as unfit:
            return HttpResponse(str(unfit), content_type="text/plain; charset=utf-8", status=422)
        response = HttpResponse(content, content_type=media_type)
        response["Content-Security-Policy"] = SEALED
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Disposition"] = f'inline; filename="attachment-{row.pk}-{page}"'
        return response
