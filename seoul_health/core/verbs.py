"""What happened to a row, in words for its timeline; statuses have words of their own."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VERBS: dict[str, str | Promise] = {
    "asked": _("Partner asked about it"),
    "assisted": _("Written down at the counter"),
    "attached": _("Paper attached"),
    "carried_out": _("Result carried out"),
    "carried_over": _("Taken over into the next lane"),
    "changed": _("Entry changed"),
    "closed": _("Closed for good"),
    "contact_changed": _("Contact changed"),
    "contradicted": _("Partner contradicts itself"),
    "copied": _("Copied from an earlier round"),
    "counted": _("Counted anew"),
    "drafted": _("Draft written"),
    "edited": _("Text edited"),
    "ended": _("Came to its end"),
    "exported": _("Exported to a file"),
    "extended": _("Given more time"),
    "filed": _("Taken in"),
    "frozen": _("Roster frozen"),
    "given": _("Consent given"),
    "granted": _("Role granted"),
    "imported": _("Imported from a file"),
    "inspected": _("Inspection done"),
    "joined": _("Joined the programme"),
    "left": _("Left the programme"),
    "messages_off": _("Messages turned off"),
    "messages_on": _("Messages turned on"),
    "moved_lane": _("Moved to another lane"),
    "noted": _("Note added"),
    "offered": _("Seats offered"),
    "opened": _("Opened by staff"),
    "planned": _("Work planned"),
    "raised": _("Put on hold"),
    "promoted": _("Made a complaint"),
    "proposed": _("Put forward for approval"),
    "rated": _("Rated by the citizen"),
    "reconciled": _("Compared with the partner"),
    "recovery_step": _("Step of the recovery"),
    "released": _("Put into force"),
    "renewed": _("Personal data renewed"),
    "reported": _("Reported by the citizen"),
    "requested": _("Asked for"),
    "reserved": _("Watch reserved"),
    "residence_checked": _("Residence checked"),
    "reused": _("Used a second time"),
    "scan_undone": _("Scan undone"),
    "seed_differed": _("Second seed differed"),
    "seed_retyped": _("First seed corrected"),
    "seed_typed": _("First seed typed"),
    "taken_back": _("Consent taken back"),
    "warned": _("A share of the budget is used up"),
    "wiped": _("Data wiped"),
}


def words_for(verb: str) -> str:
    """Say what happened; a verb nobody gave words to is shown as it is written."""
    return str(VERBS.get(verb, verb.replace("_", " ").capitalize()))
