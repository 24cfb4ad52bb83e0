"""What a drafted rule would have given in months that are over, beside the rules in force then."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

from .rules import EarningRule


class SimulationQuerySet(models.QuerySet["Simulation"]):
    def running(self) -> Self:
        return self.filter(status=Simulation.Status.RUNNING)

    def live(self) -> Self:
        return self.exclude(status=Simulation.Status.VOID)


class Simulation(Stateful):
    """One draft, exactly as it stood, tried on everybody; changing the draft makes it void."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        VOID = "void", _("No longer valid")

    NEXT = {
        Status.RUNNING: frozenset({Status.DONE, Status.VOID}),
        Status.DONE: frozenset({Status.VOID}),
    }

    rule = models.ForeignKey(
        EarningRule, models.CASCADE, related_name="simulations", verbose_name=_("Earning rule")
    )
    # Of every term and limit of the draft: another draft has another one.
    fingerprint = models.CharField(max_length=64)
    first_day = models.DateField(_("First day"))
    last_day = models.DateField(_("Last day"))
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.RUNNING)
    asked_by = models.CharField(_("Asked by"), max_length=100)
    started_at = models.DateTimeField(_("Started at"), db_default=Now())
    finished_at = models.DateTimeField(_("As of"), null=True, blank=True)
    figures = models.JSONField(_("Figures"), default=dict, blank=True)

    objects = SimulationQuerySet.as_manager()

    class Meta:
        verbose_name = _("simulation")
        verbose_name_plural = _("simulations")
        permissions = [
            ("run_simulation", _("Can simulate earning rules")),
            ("export_simulation", _("Can download simulations")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["rule"], condition=~Q(status="void"), name="one_live_simulation_per_rule"
            ),
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")), name="a_simulation_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | Q(finished_at__isnull=False),
                name="a_finished_simulation_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_day} – {self.last_day}"


class SimulationChunk(models.Model):
    """A range of participants of one simulation: whoever locks it does it."""

    simulation = models.ForeignKey(
        Simulation, models.CASCADE, related_name="chunks", verbose_name=_("Simulation")
    )
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    done_at = models.DateTimeField(null=True)
    # Points by month: {"2026-05": {"before": …, "after": …, "booked": …}}.
    months = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("simulation chunk")
        verbose_name_plural = _("simulation chunks")
        constraints = [
            models.UniqueConstraint(
                fields=["simulation", "first_id"], name="one_simulation_chunk_per_range"
            )
        ]

    def __str__(self) -> str:
        return f"{self.simulation_id}/{self.first_id}"


class SimulatedPersonQuerySet(models.QuerySet["SimulatedPerson"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(district=user.district)


class SimulatedPerson(models.Model):
    """What one person earned by the rules in force, would have by the draft, and was booked."""

    simulation = models.ForeignKey(
        Simulation,
        models.CASCADE,
        related_name="people",
        db_index=False,
        verbose_name=_("Simulation"),
    )
    participant = models.ForeignKey(
        Participant,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("Participant"),
    )
    district = models.CharField(_("District"), max_length=20, blank=True)
    is_senior = models.BooleanField(_("70 or older"))
    before = models.PositiveIntegerField(_("Points by the rules in force"))
    after = models.PositiveIntegerField(_("Points by the draft"))
    booked = models.PositiveIntegerField(_("Points booked"))
    capped_before = models.DateField(_("Limit reached on"), null=True)
    capped_after = models.DateField(_("Limit of the draft reached on"), null=True)
    difference = models.GeneratedField(
        expression=F("after") - F("before"),
        output_field=models.IntegerField(_("Difference")),
        db_persist=True,
        verbose_name=_("Difference"),
    )

    objects = SimulatedPersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person of a simulation")
        verbose_name_plural = _("people of simulations")
        constraints = [
            models.UniqueConstraint(
                fields=["simulation", "participant"], name="one_row_per_simulation_and_person"
            )
        ]
        indexes = [
            models.Index(
                fields=["simulation", "difference", "id"], name="people_by_their_difference"
            )
        ]

    def __str__(self) -> str:
        return f"{self.simulation_id}/{self.participant_id}"
