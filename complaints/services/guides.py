"""Form guides: released in versions, found by a code that never changes, counted without people."""

import secrets
from datetime import date, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Prefetch, QuerySet, Sum
from django.urls import reverse

from complaints.errors import GuideDayWrong, GuideIncomplete
from complaints.models import FormGuide, GuideReview, GuideScan, GuideText, Language
from seoul_health.core import audit, clock
from seoul_health.core.db import constraint
from seoul_health.core.models import StaffUser

# No 0, 1, i, l, o: the code is typed by people who cannot scan.
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
FURTHEST = timedelta(days=730)

COUNT = """
INSERT INTO complaints_guidescan (guide_id, day, way, language, count) VALUES (%s, %s, %s, %s, 1)
ON CONFLICT (guide_id, day, way, language)
DO UPDATE SET count = complaints_guidescan.count + 1
"""


@transaction.atomic
def open_guide(slug: str, *, owner: str, review_on: date, by: StaffUser) -> FormGuide:
    """Open a guide under an address of its own; the code for desks is drawn."""
    check_day(review_on)
    if not owner.strip():
        raise GuideIncomplete
    code = "".join(secrets.choice(LETTERS) for _ in range(6))
    with constraint("complaints_formguide_slug_key", GuideIncomplete()):
        guide = FormGuide.objects.create(
            slug=slug, code=code, owner=owner.strip(), review_on=review_on
        )
    audit.record("opened", guide, by=by)
    return guide


def check_day(day: date) -> None:
    if not clock.today() < day <= clock.today() + FURTHEST:
        raise GuideDayWrong


@transaction.atomic
def release_text(
    guide: FormGuide, *, language: str, title: str, needed: str, steps: str, by: StaffUser
) -> GuideText:
    """Put a new version of a language into force; the one before stays readable for staff."""
    if language not in Language.values or not title.strip() or not steps.strip():
        raise GuideIncomplete
    FormGuide.objects.select_for_update().get(pk=guide.pk)
    earlier = GuideText.objects.filter(guide=guide, language=language)
    latest = earlier.aggregate(latest=Max("version"))["latest"] or 0
    earlier.filter(is_in_force=True).update(is_in_force=False)
    text = GuideText.objects.create(
        guide=guide,
        language=language,
        version=latest + 1,
        title=title.strip()[:80],
        needed=needed.strip()[:2000],
        steps=steps.strip()[:5000],
        released_by=by,
    )
    audit.record("released", text, by=by, language=language, version=text.version)
    return text


@transaction.atomic
def review(guide: FormGuide, *, until: date, remark: str, by: StaffUser) -> None:
    """Say that a guide has been read and is right until a day."""
    check_day(until)
    GuideReview.objects.create(guide=guide, by=by, until=until, remark=remark.strip()[:300])
    FormGuide.objects.filter(pk=guide.pk).update(review_on=until)
    audit.record("guide_reviewed", guide, by=by, until=until.isoformat())


@transaction.atomic
def retire(guide: FormGuide, *, by: StaffUser) -> None:
    """Take a guide out of use; its code says so instead of leading nowhere."""
    if FormGuide.objects.filter(pk=guide.pk, is_retired=False).update(is_retired=True):
        audit.record("guide_retired", guide, by=by)


def count_scan(guide: FormGuide, *, way: str, language: str) -> None:
    """Count that a guide was opened; two at once count two."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [guide.pk, clock.today(), way, language])


def best_text(guide: FormGuide, language: str) -> GuideText | None:
    """Give the text in a language, else in Korean."""
    texts = {text.language: text for text in guide.texts.all() if text.is_in_force}
    return texts.get(language) or texts.get(Language.KOREAN)


def offered(language: str) -> list[tuple[FormGuide, GuideText | None]]:
    """Give every guide the public finds, with its text in a language."""
    in_force = Prefetch("texts", GuideText.objects.filter(is_in_force=True))
    rows = FormGuide.objects.offered().prefetch_related(in_force)
    return [(guide, best_text(guide, language)) for guide in rows]


def short_address(guide: FormGuide) -> str:
    """Give the address that is printed: the public one, wherever it is printed from."""
    return f"{settings.PUBLIC_URL}{reverse('voices:short', args=[guide.code])}"


def scans_since(day: date) -> dict[int, int]:
    rows = GuideScan.objects.filter(day__gte=day).values("guide").annotate(total=Sum("count"))
    return {row["guide"]: row["total"] for row in rows}


def guides_of(view: str) -> QuerySet[FormGuide]:
    rows = FormGuide.objects.order_by("review_on", "slug")
    if view == "stale":
        return rows.stale(clock.today())
    return rows.filter(is_retired=view == "retired")
