from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models import StaffUser

from .scopes import within
from .sites import Site


class KeyQuerySet(models.QuerySet["HashedKey"]):
    def usable(self) -> Self:
        expired = Q(expires_at__isnull=False, expires_at__lte=Now())
        return self.filter(revoked_at=None).exclude(expired)


class HashedKey(models.Model):
    """A secret shown once, when it is issued; only its digest is kept."""

    hint = models.CharField(_("Begins with"), max_length=12)
    digest = models.BinaryField(max_length=32, unique=True)
    per_minute = models.PositiveIntegerField(_("Calls a minute"), default=120)
    issued_at = models.DateTimeField(_("Issued at"), db_default=Now())
    issued_by = models.CharField(_("Issued by"), max_length=100)
    expires_at = models.DateTimeField(_("Ends at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("Revoked at"), null=True, blank=True)
    last_seen_at = models.DateTimeField(_("Last seen"), null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.hint

    @property
    def is_usable(self) -> bool:
        return self.revoked_at is None


class SiteKeyQuerySet(KeyQuerySet):
    def visible_to(self, user: StaffUser) -> Self:
        return self.filter(within(user, "site"))


class SiteKey(HashedKey):
    """Lets the machine of one site tell of that site, and of no other."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="keys", verbose_name=_("Site"))
    name = models.CharField(_("What holds the key"), max_length=60)

    objects = SiteKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("site key")
        verbose_name_plural = _("site keys")
        permissions = [("revoke_sitekey", _("Can revoke site keys"))]

    @property
    def actor_name(self) -> str:
        return f"site-key:{self.hint}"


class ConsumerKey(HashedKey):
    """Lets an organisation read the public feed with a limit of its own."""

    organisation = models.CharField(_("Organisation"), max_length=80)
    purpose = models.CharField(_("Purpose"), max_length=200)

    objects = KeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("consumer key")
        verbose_name_plural = _("consumer keys")
        permissions = [("revoke_consumerkey", _("Can revoke consumer keys"))]

    @property
    def actor_name(self) -> str:
        return f"consumer:{self.hint}"


class FeedNotice(models.Model):
    """Says in the answers of one part of the feed that it will end, and when."""

    class Part(models.TextChoices):
        SITES = "sites", _("Places")
        STOCK = "stock", _("Stock, all of it")
        NEAR = "near", _("Stock around a point")
        ADDRESS = "by-address", _("Stock by address")

    part = models.CharField(_("Part of the feed"), max_length=12, choices=Part, unique=True)
    deprecated_at = models.DateTimeField(_("Discouraged from"))
    ends_at = models.DateTimeField(_("Ends at"))
    text = models.CharField(_("What to use instead"), max_length=200)

    class Meta:
        verbose_name = _("notice of the feed")
        verbose_name_plural = _("notices of the feed")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("deprecated_at")),
                name="a_part_is_discouraged_before_it_ends",
                violation_error_message=_("The end must come after the notice."),
            )
        ]

    def __str__(self) -> str:
        return self.part
