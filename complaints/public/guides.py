"""Form guides for citizens: short links, a page in five languages, a code to scan."""

import io
from typing import Any

import segno
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from complaints.models import FormGuide, GuideScan, Language
from complaints.services import guides


def found_guide(**terms: str) -> FormGuide:
    guide = FormGuide.objects.filter(**terms).first()
    if guide is None:
        raise Http404
    return guide


def language_of(request: HttpRequest) -> str:
    asked = request.GET.get("lang", "")
    if asked in Language.values:
        return asked
    spoken = (get_language() or "ko")[:2]
    return spoken if spoken in Language.values else "ko"


@require_safe
def guide_list(request: HttpRequest) -> HttpResponse:
    """GET /guides/ — every guide in use."""
    language = language_of(request)
    rows = guides.offered(language)
    context = {"title": _("How to fill in forms"), "rows": rows, "language": language}
    return render(request, "public/guides.html", context)


@require_safe
def short_link(request: HttpRequest, code: str) -> HttpResponse:
    """GET /g/{code}?w=qr|nfc — what is printed on desks; counted, then on to the guide."""
    guide = found_guide(code=code.lower())
    asked = request.GET.get("w", "")
    way = asked if asked in GuideScan.Way.values else GuideScan.Way.LINK
    language = language_of(request)
    guides.count_scan(guide, way=way, language=language)
    answer = HttpResponseRedirect(f"{reverse('voices:guide', args=[guide.slug])}?lang={language}")
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def guide_page(request: HttpRequest, slug: str) -> HttpResponse:
    """GET /guides/{slug}/?lang=… — what to bring and what to write, step by step."""
    guide = found_guide(slug=slug)
    language = language_of(request)
    text = guides.best_text(guide, language)
    if text is None:
        raise Http404
    spoken = guide.texts.filter(is_in_force=True).values_list("language", flat=True)
    context: dict[str, Any] = {
        "title": text.title,
        "guide": guide,
        "text": text,
        "asked": language,
        "languages": [(key, name) for key, name in Language.choices if key in set(spoken)],
    }
    status = 410 if guide.is_retired else 200
    return render(request, "public/guide.html", context, status=status)


def qr_of(guide: FormGuide, *, scale: int = 8) -> bytes:
    """Draw the code of the short link, readable when a corner is worn off."""
    kept = io.BytesIO()
    segno.make(f"{guides.short_address(guide)}?w=qr", error="q", micro=False).save(
        kept, kind="svg", scale=scale, border=4, xmldecl=True, dark="#000", light="#fff"
    )
    return kept.getvalue()


@require_safe
def qr_code(request: HttpRequest, slug: str) -> HttpResponse:
    """GET /guides/{slug}/qr.svg — the code to print."""
    answer = HttpResponse(qr_of(found_guide(slug=slug)), content_type="image/svg+xml")
    answer["Cache-Control"] = "public, max-age=3600"
    return answer
