import uuid
from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant, Participation
from seoul_health.core.models import StaffUser
from seoul_health.core.models.decided import DecidedByTwo
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

LONGEST = timedelta(days=91)


class Signal(models.TextChoices):
    """What makes a day doubtful; the numbers behind it are kept with the hold."""

    SHAKER = "shaker", _("Even cadence for hours")
    EVEN_HOURS = "even_hours", _("Equal hours on many days")
    NO_REST = "no_rest", _("Hardly an hour of rest")
    FAST = "fast", _("Faster than a runner for long")
    SHARED_DEVICE = "shared_device", _("One device, several members")
    SAME_STEPS = "same_steps", _("Same steps, several members")
    BY_HAND = "by_hand", _("Raised by staff")


class HoldQuerySet(models.QuerySet["Hold"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district)

    def open(self) -> Self:
        return self.filter(status=Hold.Status.OPEN)

    def keeping(self, participant_id: int, first: date, last: date) -> Self:
        """Those that keep a day of this span from being awarded."""
        return self.filter(
            participant_id=participant_id,
            status__in=Hold.KEEPING,
            first_day__lte=last,
            last_day__gte=first,
        )


class Hold(Stateful):
    """Days of one person that are looked at before they earn; nothing is lost meanwhile."""

    class Status(models.TextChoices):
        OPEN = "open", _("Being checked")
        RELEASED = "released", _("Released from hold")
        CONFIRMED = "confirmed", _("Confirmed")

    KEEPING = (Status.OPEN, Status.CONFIRMED)
    NEXT = {
        Status.OPEN: frozenset({Status.RELEASED, Status.CONFIRMED}),
        Status.CONFIRMED: frozenset({Status.RELEASED}),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participation = models.ForeignKey(
        Participation, models.PROTECT, related_name="holds", verbose_name=_("Participation")
    )
    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="holds", verbose_name=_("Participant")
    )
    first_day = models.DateField(_("First day"))
    last_day = models.DateField(_("Last day"))
    signal = models.CharField(_("Signal"), max_length=16, choices=Signal)
    score = models.PositiveSmallIntegerField(_("Score"))
    # The numbers of each day as they were when it was held: {"2026-03-02": {"minutes": 411, …}}.
    evidence = models.JSONField(_("Evidence"))
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.OPEN)
    # Empty when the nightly scan raised it.
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Raised by"),
    )
    raised_at = models.DateTimeField(_("Raised at"), db_default=Now())
    promised_on = models.DateField(_("Decision promised by"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Decided by"),
    )
    decided_at = models.DateTimeField(_("Decided at"), null=True, blank=True)
    reason = models.CharField(_("Reason"), max_length=500, blank=True)
    ended_at = models.DateTimeField(_("Hold ended at"), null=True, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        permissions = [
            ("raise_hold", _("Can put days on hold")),
            ("decide_hold", _("Can decide on holds and their appeals")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["participation", "signal", "first_day"], name="one_hold_per_signal_and_day"
            ),
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day"))
                & Q(last_day__lte=F("first_day") + LONGEST),
                name="a_hold_covers_a_season_at_most",
            ),
            models.CheckConstraint(condition=Q(score__lte=100), name="a_score_is_of_a_hundred"),
            models.CheckConstraint(condition=~Q(evidence={}), name="a_hold_has_its_grounds"),
            models.CheckConstraint(
                condition=Q(status="open", decided_by=None, decided_at=None, reason="")
                | Q(status__in=["released", "confirmed"], decided_by__isnull=False)
                & Q(decided_at__isnull=False)
                & ~Q(reason=""),
                name="a_decided_hold_says_by_whom_and_why",
            ),
            models.CheckConstraint(
                condition=Q(status="released", ended_at__isnull=False)
                | ~Q(status="released") & Q(ended_at=None),
                name="a_released_hold_says_when",
            ),
            models.CheckConstraint(
                condition=Q(raised_by=None) | Q(decided_by=None) | ~Q(decided_by=F("raised_by")),
                name="a_hold_needs_two_people",
            ),
        ]
        indexes = [
            # What every award asks: small, and empty for nearly everybody.
            models.Index(
                fields=["participant", "first_day", "last_day"],
                condition=Q(status__in=["open", "confirmed"]),
                name="days_on_hold",
            ),
            models.Index(
                fields=["promised_on"], condition=Q(status="open"), name="holds_to_decide"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signal} {self.first_day}"

    def days(self) -> list[date]:
        return [
            self.first_day + timedelta(days=n)
            for n in range((self.last_day - self.first_day).days + 1)
        ]


class HoldAppealQuerySet(models.QuerySet["HoldAppeal"]):
    def waiting(self) -> Self:
        return self.filter(status=HoldAppeal.Status.RECEIVED)

    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(hold__participant__district=user.district)


class HoldAppeal(Stateful):
    """What a citizen says against a hold, once; decided by somebody not behind the hold."""

    class Status(models.TextChoices):
        RECEIVED = "received", _("Received")
        UPHELD = "upheld", _("Upheld")
        DISMISSED = "dismissed", _("Dismissed")

    NEXT = {Status.RECEIVED: frozenset({Status.UPHELD, Status.DISMISSED})}

    hold = models.OneToOneField(Hold, models.PROTECT, related_name="appeal", verbose_name=_("Hold"))
    text = models.TextField(_("Words of the citizen"), max_length=2000)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.RECEIVED)
    filed_at = models.DateTimeField(_("Filed at"), db_default=Now())
    promised_on = models.DateField(_("Decision promised by"))
    # Who raised or confirmed the hold: not the one to decide.
    against = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Decision of"),
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Decided by"),
    )
    decided_at = models.DateTimeField(_("Decided at"), null=True, blank=True)
    answer = models.CharField(_("Answer"), max_length=500, blank=True)

    objects = HoldAppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal against a hold")
        verbose_name_plural = _("appeals against holds")
        constraints = [
            models.CheckConstraint(
                condition=Q(status="received", decided_by=None, decided_at=None, answer="")
                | ~Q(status="received")
                & Q(decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(answer=""),
                name="a_decided_appeal_says_by_whom_and_why",
            ),
            models.CheckConstraint(
                condition=Q(against=None) | Q(decided_by=None) | ~Q(decided_by=F("against")),
                name="somebody_else_decides_about_a_hold",
            ),
        ]

    def __str__(self) -> str:
        return f"appeal {self.pk}"


class HoldReleaseQuerySet(models.QuerySet["HoldRelease"]):
    def unfinished(self) -> Self:
        return self.filter(status=HoldRelease.Status.APPROVED)


class HoldRelease(DecidedByTwo):
    """A cause that turned out to be wrong: its open holds are released together."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        DONE = "done", _("Done")

    NEXT = {
        Status.REQUESTED: frozenset({Status.APPROVED, Status.DECLINED}),
        Status.APPROVED: frozenset({Status.DONE}),
    }

    signal = models.CharField(_("Signal"), max_length=16, choices=Signal)
    raised_from = models.DateField(_("Raised from"))
    raised_to = models.DateField(_("Raised until"))
    most_score = models.PositiveSmallIntegerField(_("Score at most"), default=100)
    why = models.CharField(_("Reason"), max_length=500)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.REQUESTED)
    released = models.PositiveIntegerField(_("Holds released"), default=0)

    objects = HoldReleaseQuerySet.as_manager()

    class Meta(DecidedByTwo.Meta):
        verbose_name = _("release of a cause")
        verbose_name_plural = _("releases of causes")
        permissions = [("approve_holdrelease", _("Can approve releases of causes"))]
        constraints = [
            *DecidedByTwo.Meta.constraints,
            models.CheckConstraint(
                condition=Q(raised_from__lte=F("raised_to")), name="a_release_names_a_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signal} {self.raised_from}"

    def holds(self) -> models.QuerySet[Hold]:
        """Give what it is about: the open holds of its cause that stood when it was asked for."""
        return Hold.objects.open().filter(
            signal=self.signal,
            score__lte=self.most_score,
            raised_at__lt=self.requested_at,
            raised_at__date__range=(self.raised_from, self.raised_to),
        )
