import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models.records import append_only
from seoul_health.core.stateful import Stateful

from .catalogue import Category
from .complaints import Complaint


class Component(models.TextChoices):
    """A part of the service as citizens know it."""

    APP = "app", _("App and log-in")
    STEPS = "steps", _("Counting of steps")
    POINTS = "points", _("Earning of points")
    PAYOUTS = "payouts", _("Turning points into Seoul Pay")
    ROUNDS = "rounds", _("Applications and results")
    WATCHES = "watches", _("Watches and health centres")


class Severity(models.TextChoices):
    MINOR = "minor", _("Slight")
    PARTIAL = "partial", _("Partly down")
    MAJOR = "major", _("Down")


OPEN = ["investigating", "identified", "monitoring"]
PUBLIC = [*OPEN, "resolved"]


class IncidentQuerySet(models.QuerySet["Incident"]):
    def open(self) -> Self:
        return self.filter(status__in=OPEN)

    def public(self) -> Self:
        """What citizens may read of."""
        return self.filter(status__in=PUBLIC)


class Incident(Stateful):
    """Something that does not work for many: since when, for whom, and what became of it."""

    class Status(models.TextChoices):
        INVESTIGATING = "investigating", _("Being looked into")
        IDENTIFIED = "identified", _("Cause found")
        MONITORING = "monitoring", _("Mended, being watched")
        RESOLVED = "resolved", _("Back to normal")
        DROPPED = "dropped", _("Was none")

    NEXT = {
        Status.INVESTIGATING: frozenset(
            {Status.INVESTIGATING, Status.IDENTIFIED, Status.MONITORING, Status.RESOLVED}
            | {Status.DROPPED}
        ),
        Status.IDENTIFIED: frozenset({Status.IDENTIFIED, Status.MONITORING, Status.RESOLVED}),
        Status.MONITORING: frozenset({Status.MONITORING, Status.IDENTIFIED, Status.RESOLVED}),
        Status.RESOLVED: frozenset({Status.INVESTIGATING}),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("Title"), max_length=100)
    status = models.CharField(
        _("Status"), max_length=24, choices=Status, default=Status.INVESTIGATING
    )
    severity = models.CharField(_("Severity"), max_length=8, choices=Severity)
    components = ArrayField(
        models.CharField(max_length=12, choices=Component), verbose_name=_("Parts of the service")
    )
    scope = models.CharField(_("Who is affected"), max_length=300)
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
        verbose_name=_("Category"),
    )
    app_version = models.CharField(_("App version"), max_length=20, blank=True)
    started_at = models.DateTimeField(_("Began at"))
    opened_at = models.DateTimeField(_("Opened at"), db_default=Now())
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Opened by")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Answers for it")
    )
    resolved_at = models.DateTimeField(_("Over since"), null=True, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        permissions = [("manage_incident", _("Can lead incidents and publish about them"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="resolved", resolved_at__isnull=False)
                | ~Q(status="resolved") & Q(resolved_at=None),
                name="an_incident_that_is_over_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None) | Q(resolved_at__gte=F("started_at")),
                name="an_incident_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=Q(components__len__gte=1), name="an_incident_is_of_some_part"
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(scope=""), name="an_incident_says_what_and_for_whom"
            ),
        ]
        indexes = [models.Index(fields=["status", "-started_at"], name="incidents_of_late")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"I-{self.pk:05d}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def component_labels(self) -> list[str]:
        return [str(Component(each).label) for each in self.components]


class IncidentUpdate(models.Model):
    """What was said about an incident, and how it stood then; said is said."""

    incident = models.ForeignKey(
        Incident, models.PROTECT, related_name="updates", verbose_name=_("Incident")
    )
    status = models.CharField(_("Status"), max_length=24, choices=Incident.Status)
    text = models.TextField(_("Text"), max_length=2_000)
    is_public = models.BooleanField(_("Published"), default=True)
    actor = models.CharField(_("Written by"), max_length=100)
    at = models.DateTimeField(_("At"), db_default=Now())

    class Meta:
        verbose_name = _("update of an incident")
        verbose_name_plural = _("updates of incidents")
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="an_update_says_something")
        ]
        indexes = [models.Index(fields=["incident", "-at"], name="updates_of_an_incident")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"update {self.pk}"


class IncidentLinkQuerySet(models.QuerySet["IncidentLink"]):
    def live(self) -> Self:
        return self.filter(ended_at=None)


class IncidentLink(models.Model):
    """A complaint that is about an incident; it keeps its own number, clock and answer."""

    incident = models.ForeignKey(
        Incident, models.PROTECT, related_name="links", verbose_name=_("Incident")
    )
    complaint = models.ForeignKey(
        Complaint, models.PROTECT, related_name="incident_links", verbose_name=_("Complaint")
    )
    linked_by = models.CharField(_("Linked by"), max_length=100)
    linked_at = models.DateTimeField(_("Linked at"), db_default=Now())
    ended_by = models.CharField(_("Taken off by"), max_length=100, blank=True)
    ended_at = models.DateTimeField(_("Taken off at"), null=True, blank=True)

    objects = IncidentLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("complaint of an incident")
        verbose_name_plural = _("complaints of incidents")
        constraints = [
            models.UniqueConstraint(
                fields=["complaint"],
                condition=Q(ended_at=None),
                name="a_complaint_is_of_one_incident",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by="")
                | Q(ended_at__isnull=False) & ~Q(ended_by=""),
                name="a_link_taken_off_says_by_whom",
            ),
        ]
        indexes = [models.Index(fields=["incident", "id"], name="links_of_an_incident")]

    def __str__(self) -> str:
        return f"link {self.pk}"


class Dismissal(models.Model):
    """A suggested incident that a person has looked at and found to be none, for a while."""

    category = models.ForeignKey(
        Category, models.PROTECT, related_name="+", verbose_name=_("Category")
    )
    app_version = models.CharField(_("App version"), max_length=20, blank=True)
    until = models.DateTimeField(_("Until"))
    why = models.CharField(_("Why"), max_length=200)
    by = models.CharField(_("By"), max_length=100)
    at = models.DateTimeField(_("At"), db_default=Now())

    class Meta:
        verbose_name = _("dismissed suggestion")
        verbose_name_plural = _("dismissed suggestions")
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="a_dismissal_has_a_reason")
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"dismissal {self.pk}"
