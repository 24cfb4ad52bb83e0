"""How fast a complaint must be received and passed on, in working hours."""

from datetime import datetime, timedelta
from enum import StrEnum

from .calendar import WorkCalendar

RECEIVE_WITHIN = timedelta(hours=8)
RECEIVE_ARTICLE = "민원처리법 시행령 제6조 제7항"
TRANSFER_ARTICLE = "민원처리법 시행령 제13조"


class TransferTo(StrEnum):
    DEPARTMENT = "department"
    REMOTE_DEPARTMENT = "remote_department"
    AGENCY = "agency"
    OTHER_AGENCY = "other_agency"


TRANSFER_WITHIN = {
    TransferTo.DEPARTMENT: timedelta(hours=1),
    TransferTo.REMOTE_DEPARTMENT: timedelta(hours=3),
    TransferTo.AGENCY: timedelta(hours=3),
    TransferTo.OTHER_AGENCY: timedelta(hours=8),
}


def receive_by(arrived_at: datetime, calendar: WorkCalendar) -> datetime:
    """Say until when an online filing must have been received."""
    return calendar.add(arrived_at, RECEIVE_WITHIN)


def transfer_by(at: datetime, to: TransferTo, calendar: WorkCalendar) -> datetime:
    """Say until when a complaint must have been passed on."""
    return calendar.add(at, TRANSFER_WITHIN[to])
