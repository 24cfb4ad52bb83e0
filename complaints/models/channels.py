"""What other systems and papers bring in, and what goes back to them."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from seoul_health.core.fields import EncryptedText
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope

from .catalogue import Category
from .complaints import Complaint
from .contacts import Contact
from .conversation import Message


class Source(models.TextChoices):
    EUNGDAPSO = "eungdapso", _("Eungdapso")
    DASAN = "dasan120", _("120 Dasan Call")
    PAPER = "paper", _("Paper form")


class InboundCategory(models.Model):
    """Another system's word for a category of ours."""

    source = models.CharField(_("Source"), max_length=12, choices=Source)
    name = models.CharField(_("Their category"), max_length=80)
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="inbound_names", verbose_name=_("Category")
    )

    class Meta:
        verbose_name = _("category of another system")
        verbose_name_plural = _("categories of other systems")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "name"], name="one_meaning_per_inbound_category"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.name}"


class InboundBatch(models.Model):
    """One file of another system, with what became of its rows."""

    source = models.CharField(_("Source"), max_length=12, choices=Source)
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Uploaded by")
    )
    uploaded_at = models.DateTimeField(_("Uploaded at"), db_default=Now())
    filed = models.PositiveIntegerField(_("Filed"), default=0)
    known = models.PositiveIntegerField(_("Known before"), default=0)
    # Line numbers and codes only: what a row said stays in the file.
    faults = models.JSONField(_("Rows not taken"), default=list)

    class Meta:
        verbose_name = _("inbound file")
        verbose_name_plural = _("inbound files")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"file {self.pk}"


class InboundRecordQuerySet(models.QuerySet["InboundRecord"]):
    def visible_to(self, user: StaffUser) -> Self:
        """Whole city, or only what was filed by people of the user's own district."""
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(complaint__in=Complaint.objects.visible_to(user))

    def waiting(self) -> Self:
        return self.filter(outcome=InboundRecord.Outcome.WAITING)

    def unmapped(self) -> Self:
        """Filed under a word we do not know; somebody should say what it means."""
        return self.filter(is_unmapped=True)


class InboundRecord(models.Model):
    """One thing another system told us: each once, whenever and in whatever order it comes."""

    class Kind(models.TextChoices):
        FILED = "filed", _("Filed")
        ADDED = "added", _("Addition")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Outcome(models.TextChoices):
        APPLIED = "applied", _("Read in")
        WAITING = "waiting", _("Waits for its complaint")
        TOO_LATE = "too_late", _("Came after the answer")

    source = models.CharField(_("Source"), max_length=12, choices=Source)
    reference = models.CharField(_("Their number"), max_length=60)
    sequence = models.PositiveIntegerField(_("Sequence"), default=0)
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind)
    occurred_at = models.DateTimeField(_("Their time"))
    taken_at = models.DateTimeField(_("Taken in at"), db_default=Now())
    content_hash = models.CharField(max_length=64)
    their_category = models.CharField(_("Their category"), max_length=80, blank=True)
    is_unmapped = models.BooleanField(_("Unknown category"), default=False)
    outcome = models.CharField(_("Outcome"), max_length=10, choices=Outcome)
    # What waits keeps its text, sealed, until its complaint is there.
    text = EncryptedText(null=True)
    complaint = models.ForeignKey(
        Complaint,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="inbound",
        verbose_name=_("Complaint"),
    )
    batch = models.ForeignKey(
        InboundBatch,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="records",
        verbose_name=_("Inbound file"),
    )

    objects = InboundRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("inbound record")
        verbose_name_plural = _("inbound records")
        permissions = [("import_inboundrecord", _("Can take in complaints of other systems"))]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "reference", "sequence"], name="each_inbound_record_counts_once"
            ),
            models.UniqueConstraint(
                fields=["source", "reference"],
                condition=Q(kind="filed"),
                name="one_filing_per_inbound_reference",
            ),
            models.CheckConstraint(
                condition=Q(outcome="waiting", complaint=None)
                | ~Q(outcome="waiting") & Q(complaint__isnull=False),
                name="what_was_taken_in_names_its_complaint",
            ),
            models.CheckConstraint(
                condition=~Q(reference=""), name="an_inbound_record_has_a_reference"
            ),
        ]
        indexes = [
            models.Index(fields=["complaint"], name="inbound_of_a_complaint"),
            models.Index(
                fields=["source", "reference"],
                condition=Q(outcome="waiting"),
                name="inbound_that_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"inbound {self.pk}"


class OutboundAnswer(models.Model):
    """An answer that goes back to the system the complaint came from, under its number there."""

    source = models.CharField(_("Source"), max_length=12, choices=Source)
    reference = models.CharField(_("Their number"), max_length=60)
    message = models.OneToOneField(Message, models.PROTECT, related_name="outbound")
    made_at = models.DateTimeField(_("Made at"), db_default=Now())
    fetched_at = models.DateTimeField(_("Fetched at"), null=True, blank=True)

    class Meta:
        verbose_name = _("outbound answer")
        verbose_name_plural = _("outbound answers")
        constraints = [
            models.CheckConstraint(
                condition=~Q(reference=""), name="an_outbound_answer_has_a_reference"
            )
        ]
        indexes = [models.Index(fields=["source", "id"], name="outbound_of_a_source")]

    def __str__(self) -> str:
        return f"outbound {self.pk}"


class ContactRefusal(models.Model):
    """A contact that staff ended after telling why: protection of those who answer (영 §4)."""

    class Ground(models.TextChoices):
        INSULT = "insult", _("Insults or swearing")
        THREAT = "threat", _("Threats")
        HARASSMENT = "harassment", _("Sexual harassment")
        REPEATED = "repeated", _("The same again and again, without reason")
        TOO_LONG = "too_long", _("Far longer than the recommended time")

    contact = models.OneToOneField(
        Contact, models.PROTECT, related_name="refusal", verbose_name=_("Contact")
    )
    participant = models.ForeignKey(
        Participant,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Participant"),
    )
    ground = models.CharField(_("Ground"), max_length=12, choices=Ground)
    told = models.CharField(_("What the caller was told"), max_length=300)
    told_at = models.DateTimeField(_("Told at"))
    ended_at = models.DateTimeField(_("Ended at"))
    note = models.CharField(_("What happened"), max_length=500)
    is_recorded = models.BooleanField(_("There is a recording"), default=False)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Agent")
    )

    class Meta:
        verbose_name = _("ended contact")
        verbose_name_plural = _("ended contacts")
        constraints = [
            models.CheckConstraint(
                condition=~Q(told="") & Q(ended_at__gte=models.F("told_at")),
                name="a_contact_ends_after_its_reason_was_told",
            ),
            models.CheckConstraint(condition=~Q(note=""), name="an_ended_contact_is_described"),
        ]
        indexes = [models.Index(fields=["participant"], name="ended_contacts_of_a_person")]

    def __str__(self) -> str:
        return f"ended contact {self.pk}"
