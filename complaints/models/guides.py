from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models.records import append_only

SOON = timedelta(days=30)


class Language(models.TextChoices):
    KOREAN = "ko", "한국어"
    ENGLISH = "en", "English"
    CHINESE = "zh", "中文"
    JAPANESE = "ja", "日本語"
    VIETNAMESE = "vi", "Tiếng Việt"


class FormGuideQuerySet(models.QuerySet["FormGuide"]):
    def offered(self) -> Self:
        """Guides the public finds: in use, and with a Korean text in force."""
        return self.filter(
            is_retired=False, texts__language=Language.KOREAN, texts__is_in_force=True
        ).order_by("slug")

    def stale(self, today: date) -> Self:
        return self.filter(is_retired=False, review_on__lte=today)


class FormGuide(models.Model):
    """How to fill in one form: found by a code on a desk, kept right by an owner."""

    slug = models.SlugField(_("Address"), max_length=50, unique=True)
    # Printed and glued to desks: it never changes, whatever happens to the address.
    code = models.CharField(_("Short code"), max_length=8, unique=True)
    owner = models.CharField(_("Owner"), max_length=60)
    review_on = models.DateField(_("To be reviewed by"))
    is_retired = models.BooleanField(_("Retired"), default=False)
    created_at = models.DateTimeField(_("Created at"), db_default=Now())

    objects = FormGuideQuerySet.as_manager()

    class Meta:
        verbose_name = _("form guide")
        verbose_name_plural = _("form guides")
        constraints = [
            models.CheckConstraint(condition=~Q(owner=""), name="a_guide_has_an_owner"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[2-9a-hj-np-z]{4,8}$"), name="a_short_code_is_readable"
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class GuideText(models.Model):
    """A guide in one language and version. What was in force once is never changed."""

    guide = models.ForeignKey(
        FormGuide, models.PROTECT, related_name="texts", verbose_name=_("Form guide")
    )
    language = models.CharField(_("Language"), max_length=2, choices=Language)
    version = models.PositiveSmallIntegerField(_("Version"))
    title = models.CharField(_("Title"), max_length=80)
    needed = models.TextField(_("What to bring"), max_length=2_000, blank=True)
    steps = models.TextField(_("Steps, one in each line"), max_length=5_000)
    is_in_force = models.BooleanField(_("In force"), default=True)
    released_at = models.DateTimeField(_("Released at"), db_default=Now())
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Released by")
    )

    class Meta:
        verbose_name = _("text of a guide")
        verbose_name_plural = _("texts of guides")
        constraints = [
            models.UniqueConstraint(
                fields=["guide", "language", "version"], name="one_text_per_guide_and_version"
            ),
            models.UniqueConstraint(
                fields=["guide", "language"],
                condition=Q(is_in_force=True),
                name="one_text_of_a_guide_in_force",
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(steps=""), name="a_guide_says_what_to_do"
            ),
        ]

    def __str__(self) -> str:
        return f"guide text {self.pk}"

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.steps.splitlines() if line.strip()]


class GuideReview(models.Model):
    """Somebody has read a guide and says that it is still right until a day."""

    guide = models.ForeignKey(
        FormGuide, models.PROTECT, related_name="reviews", verbose_name=_("Form guide")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Reviewed by")
    )
    at = models.DateTimeField(_("At"), db_default=Now())
    until = models.DateField(_("Right until"))
    remark = models.CharField(_("Remark"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("review of a guide")
        verbose_name_plural = _("reviews of guides")
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"guide review {self.pk}"


class GuideScan(models.Model):
    """How often a guide was opened on a day, by way and language; nothing about whom."""

    class Way(models.TextChoices):
        QR = "qr", _("QR code")
        NFC = "nfc", _("NFC tag")
        LINK = "link", _("Link")

    guide = models.ForeignKey(
        FormGuide, models.PROTECT, related_name="scans", verbose_name=_("Form guide")
    )
    day = models.DateField(_("Day"))
    way = models.CharField(_("Way"), max_length=4, choices=Way)
    language = models.CharField(_("Language"), max_length=2, choices=Language)
    count = models.PositiveIntegerField(_("Times"), default=1)

    class Meta:
        verbose_name = _("scans of a guide")
        verbose_name_plural = _("scans of guides")
        constraints = [
            models.UniqueConstraint(
                fields=["guide", "day", "way", "language"], name="one_count_per_guide_day_and_way"
            )
        ]

    def __str__(self) -> str:
        return f"guide scan {self.pk}"
