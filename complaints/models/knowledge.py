"""What the desk knows by heart: steps done in one stroke, and what to say about a question."""

from datetime import date
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .catalogue import Category


def only_taken_out_of_use(*columns: str) -> pgtrigger.Protect:
    """Keep what a version said; it can be taken out of use, and nothing else."""
    fixed = ["code", "version", "title", "text", "category_id", "made_by_id", "made_at", *columns]
    return pgtrigger.Protect(
        name="a_version_stays", operation=pgtrigger.UpdateOf(*fixed) | pgtrigger.Delete
    )


class Edition(models.Model):
    """A text in versions: a change adds the next one, and the old one stays readable."""

    code = models.SlugField(_("Code"), max_length=40)
    version = models.PositiveIntegerField(_("Version"))
    title = models.CharField(_("Title"), max_length=80)
    is_active = models.BooleanField(_("In use"), default=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Written by"),
    )
    made_at = models.DateTimeField(_("Written at"), db_default=Now())

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class MacroQuerySet(models.QuerySet["Macro"]):
    def fitting(self, category: Category, state: str) -> Self:
        """Macros for this category and state; those for anything come last."""
        return self.filter(
            Q(category=category) | Q(category=None), Q(state=state) | Q(state=""), is_active=True
        ).order_by(F("category").asc(nulls_last=True), "title", "pk")


class Macro(Edition):
    """Several steps in one stroke: take it on, leave a note, and one letter to the citizen."""

    class Ending(models.TextChoices):
        NOTHING = "", _("No letter")
        ANSWER = "answer", _("Answer")
        SUPPLEMENT = "supplement", _("Ask for a supplement")
        EXTENSION = "extension", _("Extend the period")

    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="macros",
        verbose_name=_("Category"),
    )
    state = models.CharField(_("For complaints that are"), max_length=24, blank=True)
    takes = models.BooleanField(_("Take it on first"), default=True)
    note = models.TextField(_("Internal note"), max_length=2_000, blank=True)
    ending = models.CharField(_("Letter"), max_length=12, choices=Ending, blank=True)
    text = models.TextField(
        _("Text of the letter"),
        max_length=10_000,
        blank=True,
        help_text=_(
            "Fields: {receipt_no} {about_date} {evidence} {due} {department} {agent} {phone}"
        ),
    )

    objects = MacroQuerySet.as_manager()

    class Meta:
        verbose_name = _("macro")
        verbose_name_plural = _("macros")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_macro_per_version"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(is_active=True), name="one_macro_in_use_per_code"
            ),
            models.CheckConstraint(
                condition=Q(takes=True) | ~Q(note="") | ~Q(ending=""),
                name="a_macro_does_something",
                violation_error_message=_("A macro takes on, leaves a note or writes a letter."),
            ),
            models.CheckConstraint(
                condition=Q(ending="") | ~Q(text=""),
                name="a_letter_of_a_macro_has_its_text",
                violation_error_message=_("A letter needs its text."),
            ),
        ]
        triggers = [only_taken_out_of_use("state", "takes", "note", "ending")]


class KnowledgeArticleQuerySet(models.QuerySet["KnowledgeArticle"]):
    def in_use(self) -> Self:
        return self.filter(is_active=True).order_by("title", "pk")

    def stale(self, today: date) -> Self:
        """Articles in use that nobody has looked at when they should have."""
        return self.in_use().filter(review_on__lt=today)


class KnowledgeArticle(Edition):
    """What to look at and what to say about one question; suggested while an answer is typed."""

    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="articles",
        verbose_name=_("Category"),
    )
    words = models.CharField(
        _("Words citizens use"),
        max_length=300,
        blank=True,
        help_text=_("Separated by commas; a question with these words suggests this article."),
    )
    text = models.TextField(
        _("For the agent"), max_length=10_000, help_text=_("What to look at, and what decides.")
    )
    answer = models.TextField(
        _("For the citizen"),
        max_length=10_000,
        blank=True,
        help_text=_("What may be put into an answer as it is."),
    )
    owner = models.CharField(_("Kept by"), max_length=60, blank=True)
    review_on = models.DateField(_("Look at it again on"), null=True, blank=True)

    objects = KnowledgeArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("knowledge article")
        verbose_name_plural = _("knowledge articles")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_article_per_version"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(is_active=True), name="one_article_in_use_per_code"
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(text=""), name="an_article_says_something"
            ),
        ]
        triggers = [only_taken_out_of_use("words", "answer")]
