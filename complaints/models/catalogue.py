from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What the law calls a complaint; it decides how long an answer may take."""

    STATUTORY = "statutory", _("Statutory procedure")
    INQUIRY_LAW = "inquiry_law", _("Inquiry about the law")
    INQUIRY_PROCEDURE = "inquiry_procedure", _("Inquiry about a procedure")
    SUGGESTION = "suggestion", _("Suggestion")
    GENERAL = "general", _("General question")
    GRIEVANCE = "grievance", _("Grievance")


class CategoryQuerySet(models.QuerySet["Category"]):
    def offered(self) -> Self:
        """Categories a citizen may choose, in the order of the list."""
        return self.filter(is_active=True).order_by("position", "pk")


class Category(models.Model):
    """What complaints of the programme are about, as citizens would say it."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    name = models.CharField(_("Name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=80)
    default_kind = models.CharField(_("Usual kind"), max_length=20, choices=Kind)
    # A statutory kind takes the days the agency has published for the procedure.
    published_days = models.PositiveSmallIntegerField(_("Published days"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("Position"), default=0)
    is_active = models.BooleanField(_("Offered"), default=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("complaint category")
        verbose_name_plural = _("complaint categories")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(default_kind="statutory")
                | Q(published_days__isnull=False, published_days__gte=1),
                name="a_statutory_category_has_its_days",
                violation_error_message=_("A statutory category needs its published days."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        return self.name_en if get_language() == "en" else self.name


class ReplyTemplateQuerySet(models.QuerySet["ReplyTemplate"]):
    def fitting(self, category: Category, state: str) -> Self:
        """Templates for this category and state; those for anything come last."""
        return self.filter(
            Q(category=category) | Q(category=None), Q(state=state) | Q(state=""), is_active=True
        ).order_by(models.F("category").asc(nulls_last=True), "title")


class ReplyTemplate(models.Model):
    """An answer that was thought through once; its named fields are filled in when inserted."""

    title = models.CharField(_("Title"), max_length=80)
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="templates",
        verbose_name=_("Category"),
    )
    state = models.CharField(_("For complaints that are"), max_length=24, blank=True)
    text = models.TextField(
        _("Text"),
        help_text=_(
            "Fields: {receipt_no} {about_date} {evidence} {due} {department} {agent} {phone}"
        ),
    )
    is_active = models.BooleanField(_("In use"), default=True)
    changed_at = models.DateTimeField(_("Changed at"), auto_now=True)

    objects = ReplyTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("reply template")
        verbose_name_plural = _("reply templates")
        constraints = [
            models.UniqueConstraint(
                fields=["category", "title"],
                name="one_template_per_category_and_title",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.title


class Holiday(models.Model):
    """A correction of the law's calendar: a day the city adds, or one that is none after all."""

    class Change(models.TextChoices):
        ADDED = "added", _("Day off")
        REMOVED = "removed", _("Working day after all")

    day = models.DateField(_("Day"), unique=True)
    change = models.CharField(_("Change"), max_length=8, choices=Change, default=Change.ADDED)
    name = models.CharField(_("Name"), max_length=60)

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["-day"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="a_holiday_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
