from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReasonCodeQuerySet(models.QuerySet["ReasonCode"]):
    def for_use(self, use: str) -> Self:
        """The reasons staff may choose from, in the order of their keys."""
        return self.filter(use=use, is_active=True).order_by("order", "pk")


class ReasonCode(models.Model):
    """A reason to refuse, to wait or to answer an appeal, with the sentence the citizen reads."""

    class Use(models.TextChoices):
        REJECT = "reject", _("Rejection")
        HOLD = "hold", _("Waiting for the citizen")
        APPEAL = "appeal", _("Answer to an appeal")

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    use = models.CharField(_("Used for"), max_length=8, choices=Use)
    label = models.CharField(_("Name"), max_length=60)
    sentence = models.CharField(_("What the citizen reads"), max_length=200)
    note = models.CharField(_("Note for staff"), max_length=200, blank=True)
    is_active = models.BooleanField(_("In use"), default=True)
    order = models.PositiveSmallIntegerField(_("Order"), default=0)

    objects = ReasonCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("reason code")
        verbose_name_plural = _("reason codes")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(sentence=""), name="a_reason_has_its_sentence"
            )
        ]

    def __str__(self) -> str:
        return self.label
