from celery import shared_task
from django.conf import settings

from participants.gateways.identity import HttpIdentity
from participants.gateways.messages import HttpMessenger
from participants.models import Draw, FairnessReport, RuleTrial
from participants.services import (
    batches,
    bulk,
    carrying,
    continuing,
    draw_results,
    fairness,
    identity,
    offers,
    receipts,
    residence,
    rounds,
    rule_trials,
    selection,
    sending,
    telling,
    tokens,
)
from seoul_health.core import files
from seoul_health.core.audit import System

SECONDS_OF_SENDING = 9.0


@shared_task(name="participants.turn_rounds")
def turn_rounds() -> None:
    rounds.turn_rounds(by=System("participants.turn_rounds"))


@shared_task(name="participants.select_due_lanes")
def select_due_lanes() -> None:
    selection.select_due_lanes(by=System("participants.select_due_lanes"))


@shared_task(name="participants.confirm_continuing")
def confirm_continuing() -> None:
    continuing.confirm_selected(by=System("participants.confirm_continuing"))


@shared_task(name="participants.note_seniority")
def note_seniority() -> None:
    identity.note_seniority()


@shared_task(name="participants.drop_stale_tokens")
def drop_stale_tokens() -> None:
    tokens.drop_stale()


@shared_task(name="participants.send_due_notices")
def send_due_notices() -> None:
    sending.send_due(messenger=HttpMessenger.from_settings(), seconds=SECONDS_OF_SENDING)
    bulk.close_finished(by=System("participants.send_due_notices"))


@shared_task(name="participants.ask_message_receipts")
def ask_message_receipts() -> None:
    receipts.ask_receipts(messenger=HttpMessenger.from_settings())


@shared_task(name="participants.drop_old_notices")
def drop_old_notices() -> None:
    receipts.drop_old()


@shared_task(name="participants.lapse_offers")
def lapse_offers() -> None:
    offers.lapse_due(by=System("participants.lapse_offers"))


@shared_task(name="participants.tell_of_seats")
def tell_of_seats() -> None:
    telling.tell_all()


@shared_task(name="participants.carry_over_due")
def carry_over_due() -> None:
    carrying.carry_due(by=System("participants.carry_over_due"))


@shared_task(name="participants.carry_out_draw")
def carry_out_draw(draw: int) -> None:
    found = Draw.objects.unfinished().select_related("lane__round").filter(pk=draw).first()
    if found is not None:
        draw_results.carry_out(found, by=System("participants.carry_out_draw"))


@shared_task(name="participants.carry_out_draws")
def carry_out_draws() -> None:
    draw_results.carry_out_published(by=System("participants.carry_out_draws"))


@shared_task(name="participants.run_rule_trial")
def run_rule_trial(pk: int) -> None:
    trial = RuleTrial.objects.get(pk=pk)
    rule_trials.run_trial(trial, by=System("participants.run_rule_trial"))


@shared_task(name="participants.run_fairness_report")
def run_fairness_report(pk: int) -> None:
    report = FairnessReport.objects.get(pk=pk)
    fairness.run_report(report, by=System("participants.run_fairness_report"))


@shared_task(name="participants.resume_round_counts")
def resume_round_counts() -> None:
    """Go on with what a lost worker or a lost message left."""
    by = System("participants.resume_round_counts")
    for trial in RuleTrial.objects.filter(status__in=RuleTrial.LIVE):
        rule_trials.run_trial(trial, by=by)
    for report in FairnessReport.objects.filter(status__in=FairnessReport.LIVE):
        fairness.run_report(report, by=by)


@shared_task(name="participants.work_off_batches")
def work_off_batches() -> None:
    batches.work_off_all()


@shared_task(name="participants.recheck_residence")
def recheck_residence() -> None:
    residence.recheck_all(
        register=HttpIdentity(settings.RESIDENCE_URL), by=System("participants.recheck_residence")
    )


@shared_task(name="participants.drop_orphan_papers")
def drop_orphan_papers() -> None:
    files.drop_orphans()
