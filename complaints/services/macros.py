"""Several steps on one complaint in one stroke: all of them, or none."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.errors import NotInUse
from complaints.models import Complaint, Macro
from complaints.models.complaints import WAITING
from seoul_health.core import audit
from seoul_health.core.models import StaffUser

from . import delays, desk, replies
from .steps import hold

TAKEN_FROM = [*WAITING, Complaint.Status.ASSIGNED]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a macro would do to a complaint, said before it is done."""

    macro: Macro
    steps: tuple[str, ...]
    text: str


def plan(macro: Macro, complaint: Complaint, *, evidence: str, by: StaffUser) -> Plan:
    """Say step by step what a macro will do, with its letter filled in."""
    steps = []
    if macro.takes and complaint.status in TAKEN_FROM:
        steps.append(_("You take the complaint on."))
    if macro.note:
        steps.append(_("An internal note is left: {note}").format(note=macro.note))
    letters = {
        Macro.Ending.ANSWER: _("The answer below is sent, and the clock ends."),
        Macro.Ending.SUPPLEMENT: _(
            "The supplement below is asked for, and the clock stands still."
        ),
        Macro.Ending.EXTENSION: _("The period is extended by its own length for the reason below."),
    }
    if macro.ending:
        steps.append(letters[Macro.Ending(macro.ending)])
    text = replies.fill_text(macro.text, complaint, evidence=evidence, by=by)
    return Plan(macro, tuple(steps), text)


@transaction.atomic
def run(macro: Macro, complaint: Complaint, *, version: int, text: str, by: StaffUser) -> None:
    """Do every step of a macro with the letter as the agent left it; a refusal undoes them all."""
    if not macro.is_active:
        raise NotInUse
    hold(complaint, version=version)
    if macro.takes and complaint.status in TAKEN_FROM:
        desk.take(complaint, by=by)
    if macro.note:
        desk.add_note(complaint, macro.note, by=by)
    write(macro, complaint, text, by=by)
    audit.record("macro_run", complaint, by=by, macro=macro.code, version=macro.version)


def write(macro: Macro, complaint: Complaint, text: str, *, by: StaffUser) -> None:
    """Send the one letter of a macro."""
    version = complaint.version
    if macro.ending == Macro.Ending.ANSWER:
        desk.answer(complaint, text=text, version=version, by=by)
    elif macro.ending == Macro.Ending.SUPPLEMENT:
        delays.ask_supplement(complaint, text=text, version=version, by=by)
    elif macro.ending == Macro.Ending.EXTENSION:
        delays.extend(complaint, reason=text, version=version, by=by)
