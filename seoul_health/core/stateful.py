from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models, transaction

from . import audit
from .errors import IllegalMove


class Stateful(models.Model):
    """A model whose status only moves along NEXT: guarded, stamped and signed."""

    NEXT: ClassVar[Mapping[str, frozenset[str]]]
    status = models.CharField(max_length=24)

    class Meta:
        abstract = True

    @transaction.atomic
    def move(self, to: str, *, by: audit.Actor, why: str = "", **stamps: Any) -> None:
        """Go to a status from any that allows it, or raise IllegalMove and change nothing."""
        sources = [source for source, targets in self.NEXT.items() if to in targets]
        rows = type(self)._base_manager.filter(pk=self.pk, status__in=sources)
        before, detail = self.status, self.audit_detail(stamps)
        if not rows.update(status=to, **stamps):
            raise IllegalMove(what=self, to=self.status_label(to))
        audit.record(to, self, by=by, why=why, before=before, **detail)
        for name, value in {"status": to, **stamps}.items():
            setattr(self, name, value)

    def may(self, to: str) -> bool:
        return to in self.NEXT.get(self.status, frozenset())

    def audit_detail(self, stamps: Mapping[str, Any]) -> dict[str, object]:
        """Name what else is worth keeping about a move."""
        return {}

    @classmethod
    def status_label(cls, status: str) -> str:
        choices = dict(getattr(cls._meta.get_field("status"), "choices", None) or [])
        return str(choices.get(status, status))
