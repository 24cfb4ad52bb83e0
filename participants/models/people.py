import uuid
from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core import crypto
from seoul_health.core.fields import EncryptedText
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful


def digits(phone: str) -> str:
    return "".join(sign for sign in phone if sign in "0123456789")


def hash_ci(ci: str) -> str:
    """Hash the identity provider's connecting information; only the hash is kept."""
    return crypto.blind_index(ci, place="participant.ci")


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def with_ci(self, ci: str) -> Self:
        return self.filter(ci_hash__in=crypto.blind_indexes(ci, place="participant.ci"))

    def visible_to(self, user: StaffUser) -> Self:
        """Whole city, or only the user's own district."""
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(district=user.district)

    def with_phone(self, phone: str) -> Self:
        indexes = crypto.blind_indexes(digits(phone), place="profile.phone")
        return self.filter(profile__phone_index__in=indexes)

    def with_phone_tail(self, tail: str) -> Self:
        indexes = crypto.blind_indexes(digits(tail)[-4:], place="profile.phone_tail")
        return self.filter(profile__phone_tail_index__in=indexes)

    def with_name(self, name: str) -> Self:
        indexes = crypto.blind_indexes(name.strip(), place="profile.name")
        return self.filter(profile__name_index__in=indexes)


class Participant(models.Model):
    """One person, known by the identity provider's hash. Not a participation."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("Participant number"), max_length=16, unique=True)
    ci_hash = models.CharField(max_length=64, unique=True, editable=False)
    district = models.CharField(_("District"), max_length=20, blank=True)
    verified_at = models.DateTimeField(_("Verified at"), null=True, blank=True)
    # As the identity provider last said; empty while it cannot say.
    is_resident = models.BooleanField(_("Lives in Seoul"), null=True)
    residence_asked_at = models.DateTimeField(_("Residence asked at"), null=True, blank=True)
    # From this day the person is 70. Empty until that is near, so that it tells no birth date.
    senior_from = models.DateField(_("Senior from"), null=True, blank=True)
    joined_at = models.DateTimeField(_("Joined at"), db_default=Now())
    withdrawn_at = models.DateTimeField(_("Left at"), null=True, blank=True)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        indexes = [models.Index(fields=["district", "id"], name="participants_of_a_district")]
        permissions = [("unmask_participant", _("Can see personal data unmasked, with a reason"))]

    def __str__(self) -> str:
        return self.number

    @property
    def actor_name(self) -> str:
        return f"participant:{self.number}"

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None

    def is_senior_on(self, day: date) -> bool:
        return self.senior_from is not None and self.senior_from <= day


class Profile(models.Model):
    """The only place with a person's name, phone, birth date and address; all encrypted."""

    participant = models.OneToOneField(
        Participant, models.CASCADE, related_name="profile", primary_key=True
    )
    name = EncryptedText()
    phone = EncryptedText()
    birth_date = EncryptedText()
    address = EncryptedText()
    name_index = models.CharField(max_length=34, db_index=True)
    phone_index = models.CharField(max_length=34, db_index=True)
    phone_tail_index = models.CharField(max_length=34, db_index=True)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        return f"profile {self.pk}"

    def index(self) -> None:
        """Set the blind indexes from the values in hand."""
        phone = digits(str(self.phone))
        self.name_index = crypto.blind_index(str(self.name).strip(), place="profile.name")
        self.phone_index = crypto.blind_index(phone, place="profile.phone")
        self.phone_tail_index = crypto.blind_index(phone[-4:], place="profile.phone_tail")


class ConsentQuerySet(models.QuerySet["Consent"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district)


class Consent(models.Model):
    """A citizen's yes to one purpose in one version. Health data and third parties stand apart."""

    class Purpose(models.TextChoices):
        SERVICE = "service", _("Running the programme")
        HEALTH = "health", _("Health data")
        THIRD_PARTY = "third_party", _("Provision to third parties")
        MARKETING = "marketing", _("News and offers")

    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="consents", verbose_name=_("Participant")
    )
    purpose = models.CharField(_("Purpose"), max_length=12, choices=Purpose)
    version = models.CharField(_("Version"), max_length=12)
    given_at = models.DateTimeField(_("Given at"), db_default=Now())
    withdrawn_at = models.DateTimeField(_("Withdrawn at"), null=True, blank=True)
    recorded_by = models.CharField(_("Recorded by"), max_length=100)
    # Of a yes written on paper: the sheet's number and the day beside the signature.
    paper_no = models.CharField(_("Paper number"), max_length=30, blank=True)
    signed_on = models.DateField(_("Signed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "purpose", "version"],
                condition=Q(withdrawn_at=None),
                name="one_live_consent_per_purpose_and_version",
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"


class ParticipationQuerySet(models.QuerySet["Participation"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district)

    def live(self) -> Self:
        return self.filter(status__in=Participation.LIVE)

    def on(self, day: date) -> Self:
        """Participations that count walking on a day."""
        return self.filter(starts_on__lte=day, ends_on__gte=day).exclude(
            status=Participation.Status.WITHDRAWN
        )


class Participation(Stateful):
    """One person in one round, with the basis and the rule version that allowed it."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        COMPLETED = "completed", _("Completed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    LIVE = (Status.ACTIVE, Status.SUSPENDED)
    NEXT = {
        Status.ACTIVE: frozenset({Status.SUSPENDED, Status.COMPLETED, Status.WITHDRAWN}),
        Status.SUSPENDED: frozenset({Status.ACTIVE, Status.COMPLETED, Status.WITHDRAWN}),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="participations", verbose_name=_("Participant")
    )
    round = models.ForeignKey(
        "participants.RecruitmentRound",
        models.PROTECT,
        related_name="participations",
        verbose_name=_("Round"),
    )
    application = models.OneToOneField(
        "participants.Application", models.PROTECT, related_name="participation"
    )
    rule = models.ForeignKey("participants.EligibilityRule", models.PROTECT, related_name="+")
    basis = models.CharField(_("Basis"), max_length=16)
    needs_watch = models.BooleanField(_("Needs a watch"), default=False)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.ACTIVE)
    starts_on = models.DateField(_("Starts on"))
    ends_on = models.DateField(_("Ends on"))
    # The last day of a break; empty while nobody knows when it ends.
    suspended_until = models.DateField(_("On a break until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("Ended at"), null=True, blank=True)

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        permissions = [
            ("manage_participation", _("Can suspend, resume and end participations")),
            ("export_participation", _("Can export headcounts")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["participant"],
                condition=Q(status__in=["active", "suspended"]),
                name="one_live_participation_per_participant",
            ),
            models.UniqueConstraint(
                fields=["participant", "round"], name="one_participation_per_round"
            ),
            models.CheckConstraint(
                condition=Q(suspended_until=None) | Q(status="suspended"),
                name="only_a_break_has_a_last_day",
            ),
        ]
        indexes = [
            models.Index(fields=["round", "status"], name="participations_of_a_round"),
            models.Index(
                fields=["suspended_until"],
                condition=Q(suspended_until__isnull=False),
                name="breaks_that_end",
            ),
        ]

    def __str__(self) -> str:
        return f"participation {self.pk}"


class AppTokenQuerySet(models.QuerySet["AppToken"]):
    def usable(self, moment: datetime) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=moment)


class AppToken(models.Model):
    """A key of the mobile app, stored as a hash. Refresh keys rotate and are used once."""

    class Kind(models.TextChoices):
        ACCESS = "access", _("Access")
        REFRESH = "refresh", _("Refresh")

    participant = models.ForeignKey(Participant, models.CASCADE, related_name="tokens")
    kind = models.CharField(max_length=8, choices=Kind)
    digest = models.BinaryField(max_length=32, unique=True)
    family = models.UUIDField(db_index=True)
    device = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = AppTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("app token")
        verbose_name_plural = _("app tokens")

    def __str__(self) -> str:
        return f"{self.kind} token {self.pk}"
