from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from participants.models import Application, EvidenceDocument
from seoul_health.core.errors import UnfitFile
from seoul_health.core.files import picture_of

from .base import StaffView

# A picture that is opened by itself can run nothing, load nothing and open nothing.
SEALED = "default-src 'none'; sandbox"


class PictureView(StaffView):
    """GET /review/papers/{id}/{page}/ — one page of a paper, as a picture drawn by us."""

    def get(self, request: HttpRequest, public_id: UUID, page: int) -> HttpResponse:
        if not request.user.has_perm("participants.view_evidencedocument"):
            raise PermissionDenied
        document = self.document(public_id)
        if not 1 <= page <= document.pages:
            raise Http404
        number = document.application.participant.number
        self.write_down([number], action="view", what=f"paper:{document.pk}:{page}")
        try:
            content, media_type = picture_of(document, page - 1)
        except UnfitFile as unfit:
            return HttpResponse(str(unfit), content_type="text/plain; charset=utf-8", status=422)
        response = HttpResponse(content, content_type=media_type)
        response["Content-Security-Policy"] = SEALED
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Disposition"] = f'inline; filename="paper-{document.pk}-{page}"'
        return response

    def document(self, public_id: UUID) -> EvidenceDocument:
        seen = Application.objects.visible_to(self.staff)
        rows = EvidenceDocument.objects.select_related("application__participant")
        found = rows.filter(public_id=public_id, application__in=seen).first()
        if found is None:
            raise Http404
        return found
