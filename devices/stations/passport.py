"""The passport of a watch: its whole story on one page and one sheet, and its papers."""

from uuid import UUID

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy

from devices.models import DataWipe, Device, WatchPaper
from devices.services import disposal_papers, passport_papers
from devices.services.passport import Passport, passport_of
from seoul_health.core import clock
from seoul_health.core.access import log_read
from seoul_health.core.errors import UnfitFile
from seoul_health.core.files import picture_of

from .base import Station

# A picture that is opened by itself can run nothing, load nothing and open nothing.
SEALED = "default-src 'none'; sandbox"


def watch_of(station: Station, serial: str) -> Device:
    rows = Device.objects.visible_to(station.staff).select_related("lot__model", "site")
    return get_object_or_404(rows, serial=serial)


def code_for(address: str) -> SafeString:
    """Draw an address as a QR code; its parts are ours alone."""
    drawn = segno.make(address, error="m").svg_inline(border=2, omitsize=True)
    return mark_safe(drawn)  # noqa: S308 - drawn by us from our own address


class PassportView(Station):
    """GET …/passports/{serial}/ — everything one watch has been through."""

    permission = "devices.view_device"
    template = "devices/watch_passport.html"
    title = gettext_lazy("Watch passport")

    def get(self, request: HttpRequest, serial: str) -> HttpResponse:
        passport = self.read(serial)
        here = request.build_absolute_uri(reverse("stations:passport", args=[serial]))
        context = {
            "passport": passport,
            "device": passport.device,
            "code": code_for(here),
            "as_of": clock.now(),
        }
        return self.show(context)

    def read(self, serial: str) -> Passport:
        """Read a passport and write down whose data it names."""
        passport = passport_of(watch_of(self, serial))
        where = "devices:passport"
        log_read(self.request, passport.numbers, by=self.staff, action="view", what=where)
        return passport


class PassportSheet(PassportView):
    """GET …/passports/{serial}/passport.pdf — the same, to be put into a file."""

    def get(self, request: HttpRequest, serial: str) -> HttpResponse:
        here = request.build_absolute_uri(reverse("stations:passport", args=[serial]))
        sheet = passport_papers.passport(self.read(serial), address=here)
        return sheet.as_response(f"passport-{serial}.pdf")


class WipeCertificate(Station):
    """GET …/wipes/{id}/certificate.pdf — that a watch was cleared, how, when and by whom."""

    permission = "devices.view_datawipe"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        seen = Device.objects.visible_to(self.staff)
        rows = DataWipe.objects.filter(device__in=seen).select_related("device__lot__model")
        wipe = get_object_or_404(rows, pk=pk)
        return disposal_papers.wipe_certificate(wipe).as_response(f"wipe-{wipe.pk:07d}.pdf")


class PaperView(Station):
    """GET …/papers/{id}/{page}/ — one page of a photograph or paper, as a picture drawn by us."""

    permission = "devices.view_watchpaper"

    def get(self, request: HttpRequest, public_id: UUID, page: int) -> HttpResponse:
        rows = WatchPaper.objects.visible_to(self.staff)
        related = rows.select_related("inspection__loan__participant", "wipe__loan__participant")
        paper = get_object_or_404(related, public_id=public_id)
        if not 1 <= page <= paper.pages:
            raise Http404
        event = paper.inspection or paper.wipe
        numbers = [event.loan.participant.number] if event and event.loan else []
        what = f"devices:paper:{paper.pk}:{page}"
        log_read(request, numbers, by=self.staff, action="view", what=what)
        try:
            content, media_type = picture_of(paper, page - 1)
        except UnfitFile as unfit:
            return HttpResponse(str(unfit), content_type="text/plain; charset=utf-8", status=422)
        response = HttpResponse(content, content_type=media_type)
        response["Content-Security-Policy"] = SEALED
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Disposition"] = f'inline; filename="paper-{paper.pk}-{page}"'
        return response
