from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from points.rules import activities
from seoul_health.core.models import StaffUser
from seoul_health.core.models.records import append_only
from seoul_health.core.models.staff import Scope

from .guards import joins_two_accounts, never_deleted, stays_within_the_budget


class Pot(models.TextChoices):
    """The programme's own accounts; the rows come with the first migration."""

    FUND = "programme-fund", _("Programme fund")
    IN_TRANSIT = "payouts-in-transit", _("Payouts in transit")
    PAID = "paid-out", _("Paid out")
    EXPIRED = "expired", _("Expired points")
    COMPENSATION = "compensation", _("Compensation")
    CAMPAIGNS = "campaigns", _("Set aside for campaigns")


class Reason(models.TextChoices):
    """Why points moved."""

    WALKING_DAY = "walking_day", _("Goal of the day reached")
    WALKING_WEEK = "walking_week", _("Weekly bonus")
    GOAL_SETTING = activities.GOAL_SETTING, _("Setting a goal")
    SURVEY = activities.SURVEY, _("Survey")
    ATTENDANCE = activities.ATTENDANCE, _("Attendance")
    HOME_TRAINING = activities.HOME_TRAINING, _("Home training")
    MEDITATION = activities.MEDITATION, _("Meditation")
    FITNESS_VISIT = activities.FITNESS_VISIT, _("Visit to a fitness centre")
    FITNESS_GRADE = activities.FITNESS_GRADE, _("Fitness grade")
    CAMPAIGN = "campaign", _("Campaign")
    CAMPAIGN_BUDGET = "campaign_budget", _("Set aside for a campaign")
    CAMPAIGN_REST = "campaign_rest", _("Left over from a campaign")
    PAYOUT = "payout", _("Payout requested")
    PAYOUT_PAID = "payout_paid", _("Payout paid")
    PAYOUT_REFUSED = "payout_refused", _("Payout refused, points given back")
    EXPIRY = "expiry", _("Points expired")
    COMPENSATION = "compensation", _("Compensation")
    REVERSAL = "reversal", _("Correction")
    ADJUSTMENT = "adjustment", _("Adjustment")
    CLAWBACK = "clawback", _("Points taken back after notice")


class AccountQuerySet(models.QuerySet["Account"]):
    def purses(self) -> Self:
        return self.filter(kind=Account.Kind.PURSE)

    def visible_to(self, user: StaffUser) -> Self:
        """The pots, and the purses of the people this member of staff may see."""
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district)

    def debit(self, account: "Account", amount: int) -> bool:
        """Take points out if they are there; the WHERE clause is the check."""
        rows = self.purses().filter(pk=account.pk, balance__gte=amount)
        return bool(rows.update(balance=F("balance") - amount))

    def credit(self, account: "Account", amount: int) -> None:
        self.purses().filter(pk=account.pk).update(balance=F("balance") + amount)


class Account(models.Model):
    """A participant's purse, or a pot of the programme's own.

    Only purses carry a balance: every transfer touches some pot, and a balance on a pot would
    make the whole city queue for one row.
    """

    class Kind(models.TextChoices):
        PURSE = "purse", _("Purse")
        POT = "pot", _("Pot")

    kind = models.CharField(_("Kind"), max_length=8, choices=Kind)
    code = models.SlugField(_("Code"), max_length=40, db_index=False)
    participant = models.OneToOneField(
        Participant,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="purse",
        verbose_name=_("Participant"),
    )
    balance = models.BigIntegerField(_("Balance"), default=0)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        permissions = [("export_account", _("Can download statements of accounts"))]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="one_account_per_code"),
            models.CheckConstraint(condition=Q(balance__gte=0), name="purses_are_never_overdrawn"),
            models.CheckConstraint(
                condition=Q(kind="purse", participant__isnull=False)
                | Q(kind="pot", participant=None, balance=0),
                name="a_purse_has_an_owner_and_a_pot_no_balance",
            ),
        ]
        triggers = [never_deleted()]

    def __str__(self) -> str:
        return self.code

    @property
    def label(self) -> str:
        """Name a pot in words, a purse by its owner's number."""
        if self.participant is not None:
            return self.participant.number
        return str(Pot(self.code).label) if self.code in Pot.values else self.code

    @property
    def is_purse(self) -> bool:
        return self.kind == self.Kind.PURSE


class TransferQuerySet(models.QuerySet["Transfer"]):
    def of(self, account: Account) -> Self:
        return self.filter(Q(source=account) | Q(target=account))

    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        place = user.district
        return self.filter(
            Q(source__participant__district=place) | Q(target__participant__district=place)
        )


class Transfer(models.Model):
    """Points moved from one account to another, once. A mistake is reversed, not edited."""

    key = models.CharField(_("Key"), max_length=120)
    source = models.ForeignKey(
        Account,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("From"),
    )
    target = models.ForeignKey(
        Account,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("To"),
    )
    amount = models.BigIntegerField(_("Amount"))
    reason = models.CharField(_("Reason"), max_length=24, choices=Reason)
    business_date = models.DateField(_("Business date"))
    case = models.CharField(_("Case"), max_length=40, blank=True)
    reversal_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversals",
        db_index=False,
        db_constraint=False,
        verbose_name=_("Reversal of"),
    )
    at = models.DateTimeField(_("At"), db_default=Now())

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.UniqueConstraint(fields=["key"], name="one_transfer_per_key"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_transfer_moves_something"),
            models.CheckConstraint(
                condition=~Q(source=F("target")), name="a_transfer_goes_somewhere"
            ),
            models.UniqueConstraint(
                fields=["reversal_of"],
                condition=Q(reversal_of__isnull=False),
                name="a_transfer_is_reversed_once",
            ),
        ]
        indexes = [
            models.Index(fields=["source", "id"], name="transfers_out"),
            models.Index(fields=["target", "id"], name="transfers_in"),
        ]
        triggers = [append_only(), joins_two_accounts(), stays_within_the_budget()]

    def __str__(self) -> str:
        return self.key
