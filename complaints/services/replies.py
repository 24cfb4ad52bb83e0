import re

from django.utils.translation import gettext as _

from complaints.models import Complaint, ReplyTemplate
from points.rules.findings import day_words
from seoul_health.core import clock
from seoul_health.core.models import StaffUser

FIELD = re.compile(r"\{([a-z_]+)\}")


def fill(template: ReplyTemplate, complaint: Complaint, *, evidence: str, by: StaffUser) -> str:
    """Put a complaint's values into a template."""
    return fill_text(template.text, complaint, evidence=evidence, by=by)


def fill_text(text: str, complaint: Complaint, *, evidence: str, by: StaffUser) -> str:
    """Put a complaint's values into a text; a field nobody knows stays visible as it is."""
    values = {
        "receipt_no": complaint.receipt_no,
        "about_date": day_text(complaint),
        "evidence": evidence,
        "due": due_text(complaint),
        "department": by.department,
        "agent": f"{by.last_name}{by.first_name}",
        "phone": by.office_phone,
    }
    return FIELD.sub(lambda found: values.get(found[1], found[0]), text)


def day_text(complaint: Complaint) -> str:
    day = complaint.about_date
    if day is None:
        return _("the day in question")
    return day_words(day)


def due_text(complaint: Complaint) -> str:
    return f"{complaint.due_at.astimezone(clock.KST):%Y-%m-%d %H:%M}" if complaint.due_at else ""
