from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models.records import append_only

from .accounts import Transfer
from .guards import takes_from_lots


class LotUse(models.Model):
    """Points of one lot that a transfer took out of a purse, or below zero put back into it.

    A lot is a credit of a purse: the transfer itself. What is left of it is its amount less its
    uses. A credit that reverses a debit is no lot: its points go back to the lots they came from.
    """

    transfer = models.ForeignKey(
        Transfer,
        models.PROTECT,
        related_name="lot_uses",
        db_index=False,
        db_constraint=False,
        verbose_name=_("Transfer"),
    )
    lot = models.ForeignKey(
        Transfer,
        models.PROTECT,
        related_name="uses",
        db_index=False,
        db_constraint=False,
        verbose_name=_("Lot of points"),
    )
    amount = models.BigIntegerField(_("Amount"))

    class Meta:
        verbose_name = _("use of a lot")
        verbose_name_plural = _("uses of lots")
        constraints = [
            models.UniqueConstraint(
                fields=["transfer", "lot"], name="one_use_per_transfer_and_lot"
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="a_use_takes_something"),
        ]
        indexes = [models.Index(fields=["lot"], include=["amount"], name="uses_of_a_lot")]
        triggers = [append_only(), takes_from_lots()]

    def __str__(self) -> str:
        return f"{self.transfer_id} ← {self.lot_id}"
