from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .accounts import Account


class PotCheckpointQuerySet(models.QuerySet["PotCheckpoint"]):
    def newest_first(self) -> Self:
        return self.order_by("pot_id", "-up_to_id")


class PotCheckpoint(models.Model):
    """What a pot had taken in and given out up to a transfer before which none can appear.

    Only saves reading: every checkpoint can be deleted at any time and worked out again.
    """

    pot = models.ForeignKey(
        Account, models.CASCADE, related_name="checkpoints", db_index=False, verbose_name=_("Pot")
    )
    up_to_id = models.BigIntegerField(_("Up to transfer"))
    taken_in = models.BigIntegerField(_("Taken in"))
    given_out = models.BigIntegerField(_("Given out"))
    transfers = models.BigIntegerField(_("Transfers"))
    # The latest moment of any transfer counted: a balance as of an earlier one needs another.
    latest_at = models.DateTimeField(_("Latest transfer at"))
    made_at = models.DateTimeField(_("Made at"), db_default=Now())

    objects = PotCheckpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("pot checkpoint")
        verbose_name_plural = _("pot checkpoints")
        constraints = [
            models.UniqueConstraint(
                fields=["pot", "up_to_id"], name="one_checkpoint_per_pot_and_transfer"
            ),
            models.CheckConstraint(
                condition=Q(taken_in__gte=0, given_out__gte=0, transfers__gt=0),
                name="a_checkpoint_counts_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pot_id}@{self.up_to_id}"
