from dataclasses import dataclass
from typing import Protocol

from django.db.models import Model

from .models.records import AuditEvent


class Actor(Protocol):
    @property
    def actor_name(self) -> str: ...


@dataclass(frozen=True)
class System:
    """A job acting on its own, by its task name."""

    task: str

    @property
    def actor_name(self) -> str:
        return f"system:{self.task}"


def subject_of(row: Model) -> str:
    return f"{row._meta.label_lower}:{row.pk}"


def record(verb: str, subject: Model, *, by: Actor, **detail: object) -> None:
    AuditEvent.objects.create(
        verb=verb, subject=subject_of(subject), actor=by.actor_name, detail=detail
    )
