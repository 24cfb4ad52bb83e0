from typing import Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.fields import EncryptedText


def append_only() -> pgtrigger.Protect:
    """Let rows in, and let nobody change or remove them."""
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class AuditEvent(models.Model):
    """What happened to which row, and who did it. Written with the change, never changed."""

    at = models.DateTimeField(_("At"), db_default=Now())
    actor = models.CharField(_("Actor"), max_length=100)
    verb = models.CharField(_("Verb"), max_length=60)
    subject = models.CharField(_("Subject"), max_length=100)
    detail = models.JSONField(_("Detail"), default=dict)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        indexes = [models.Index(fields=["subject", "at"], name="audit_of_a_row")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} {self.subject}"


class AccessLogQuerySet(models.QuerySet["AccessLog"]):
    def about(self, subject: str) -> Self:
        """Everybody who looked at one participant, by participant number."""
        return self.filter(subjects__contains=[subject])


class AccessLog(models.Model):
    """Who looked at whose personal data, when, from where, what and why. Kept two years.

    개인정보의 안전성 확보조치 기준 제8조: 식별자, 접속일시, 접속지, 정보주체, 수행업무.
    """

    at = models.DateTimeField(_("At"), db_default=Now())
    actor = models.CharField(_("Actor"), max_length=100)
    ip = models.GenericIPAddressField(_("From"), null=True)
    action = models.CharField(_("Action"), max_length=40)
    what = models.CharField(_("What"), max_length=100)
    subjects = ArrayField(models.CharField(max_length=40), verbose_name=_("Subjects"), default=list)
    reason = models.CharField(_("Reason"), max_length=200, blank=True)

    objects = AccessLogQuerySet.as_manager()

    class Meta:
        verbose_name = _("access record")
        verbose_name_plural = _("access records")
        indexes = [
            GinIndex(fields=["subjects"], name="access_of_a_person"),
            models.Index(fields=["actor", "at"], name="access_by_a_person"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.what}"


class StoredAnswer(models.Model):
    """The first answer to a write, kept so that a repeat gets the same one.

    Written in the same transaction as the write itself: there is never an effect without an
    answer, nor an answer without its effect.
    """

    caller = models.CharField(max_length=60)
    key = models.UUIDField()
    body_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    body = EncryptedText(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("stored answer")
        verbose_name_plural = _("stored answers")
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="one_answer_per_caller_and_key")
        ]

    def __str__(self) -> str:
        return str(self.key)
