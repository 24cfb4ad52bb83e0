from celery import shared_task

from complaints.services import (
    bulk,
    days_off,
    dunning,
    families,
    making_good,
    member_checks,
    progress,
    promises,
    watch,
)
from complaints.services.intake import receive_arrived as receive
from complaints.services.reminders import warn_of_due as warn
from seoul_health.core.audit import System


@shared_task(name="complaints.receive_arrived")
def receive_arrived() -> None:
    receive(by=System("complaints.receive_arrived"))


@shared_task(name="complaints.warn_of_due")
def warn_of_due() -> None:
    warn(by=System("complaints.warn_of_due"))


@shared_task(name="complaints.answer_merged")
def answer_merged() -> None:
    families.answer_merged(by=System("complaints.answer_merged"))


@shared_task(name="complaints.tend_merges")
def tend_merges() -> None:
    families.tend_merges(by=System("complaints.tend_merges"))


@shared_task(name="complaints.work_off_bulk")
def work_off_bulk() -> None:
    bulk.work_off_all()


@shared_task(name="complaints.recompute_deadlines")
def recompute_deadlines() -> None:
    days_off.recompute_all(by=System("complaints.recompute_deadlines"))


@shared_task(name="complaints.remind_departments")
def remind_departments() -> None:
    dunning.remind_departments(by=System("complaints.remind_departments"))


@shared_task(name="complaints.tell_progress")
def tell_progress() -> None:
    progress.tell_progress(by=System("complaints.tell_progress"))


@shared_task(name="complaints.tend_promises")
def tend_promises() -> None:
    promises.tend_promises(by=System("complaints.tend_promises"))


@shared_task(name="complaints.make_good")
def make_good() -> None:
    making_good.carry_on_all(by=System("complaints.make_good"))


@shared_task(name="complaints.tell_affected")
def tell_affected() -> None:
    member_checks.tell_all_affected()


@shared_task(name="complaints.tend_alarms")
def tend_alarms() -> None:
    watch.tend_alarms(by=System("complaints.tend_alarms"))


@shared_task(name="complaints.forget_positions")
def forget_positions() -> None:
    watch.forget(by=System("complaints.forget_positions"))
