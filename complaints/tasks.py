from celery import shared_task

from complaints.services.intake import receive_arrived as receive
from complaints.services.reminders import warn_of_due as warn
from seoul_health.core.audit import System


@shared_task(name="complaints.receive_arrived")
def receive_arrived() -> None:
    receive(by=System("complaints.receive_arrived"))


@shared_task(name="complaints.warn_of_due")
def warn_of_due() -> None:
    warn(by=System("complaints.warn_of_due"))
