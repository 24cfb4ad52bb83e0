from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from devices.models import (
    CompensationCase,
    CompensationPayment,
    CompensationPolicy,
    CompensationWaiver,
    RecallAttempt,
    RecallCampaign,
    RecallUnit,
    RecoveryPolicy,
    RecoveryStep,
    RecoveryTask,
)
from seoul_health.core import clock

from .builders import live_loan

DAY = "2030-01-01"
POLICY = {"cause": "lost", "percent": 10, "effective_from": DAY}


@pytest.mark.parametrize(
    ("name", "model", "terms"),
    [
        ("a_written_rung_has_a_template", RecoveryPolicy, {"offset_days": 99, "kind": "letter"}),
        ("a_rung_ends_after_it_begins", RecoveryPolicy, {"offset_days": 99, "kind": "call",
            "effective_to": "2029-01-01"}),
        ("nobody_pays_more_than_the_price", CompensationPolicy, POLICY | {"percent": 101}),
        ("ages_of_watches_are_in_order", CompensationPolicy,
            POLICY | {"months_from": 9, "months_to": 8}),
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_a_policy_makes_sense(name, model, terms):
    # daterange itself refuses a rung that ends before it begins.
    with pytest.raises(Exception, match=f"{name}|range lower bound"), transaction.atomic():
        model.objects.create(**{"effective_from": DAY} | terms)


@pytest.mark.django_db
def test_two_policies_never_speak_at_once():
    RecoveryPolicy.objects.create(offset_days=99, kind="call", effective_from=DAY)
    CompensationPolicy.objects.create(**POLICY)

    with pytest.raises(IntegrityError, match="one_rung_per_day_at_a_time"), transaction.atomic():
        RecoveryPolicy.objects.create(offset_days=99, kind="visit", effective_from="2031-01-01")
    with (
        pytest.raises(IntegrityError, match="one_compensation_policy_at_a_time"),
        transaction.atomic(),
    ):
        CompensationPolicy.objects.create(**POLICY)


def test_a_rung_is_taken_once_and_says_of_which_day(walker):
    terms = {"loan": live_loan(walker), "kind": "call", "taken_by": "x"}
    RecoveryStep.objects.create(**terms, due_on=DAY, offset_days=14)

    with pytest.raises(IntegrityError, match="one_rung_per_loan_and_due_day"), transaction.atomic():
        RecoveryStep.objects.create(**terms, due_on=DAY, offset_days=14)
    with pytest.raises(IntegrityError, match="a_rung_says_of_which_due_day"), transaction.atomic():
        RecoveryStep.objects.create(**terms, due_on=DAY)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("a_closed_task_says_when", {"closed_at": clock.now}),
        ("a_taken_task_has_a_caller", {"status": "taken"}),
        ("a_promise_has_a_day", {"status": "promised", "closed_at": clock.now}),
    ],
)
def test_a_task_tells_the_truth(walker, name, changes):
    step = RecoveryStep.objects.create(loan=live_loan(walker), kind="call", taken_by="x")
    RecoveryTask.objects.create(loan=step.loan, step=step, kind="call", due_on=DAY)
    told = {field: value() if callable(value) else value for field, value in changes.items()}

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        RecoveryTask.objects.update(**told)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("a_case_asks_at_most_the_price", {"amount": 11}),
        ("a_closed_case_says_when", {"status": "paid"}),
        ("a_case_has_a_grade", {"grade": "E"}),
    ],
)
def test_a_case_tells_the_truth(walker, name, changes):
    case = make_case(walker)

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        CompensationCase.objects.update(**changes)
    with pytest.raises(IntegrityError, match="a_payment_is_some_money"), transaction.atomic():
        CompensationPayment.objects.create(case=case, amount=0, paid_on=DAY, receipt_no="R")


def test_a_campaign_is_decided_by_two_and_has_waves(walker, make_staff):
    officer = make_staff("device_officer")
    campaign = RecallCampaign.objects.create(
        code="a", name="A", kind="call", cost=1, unit_worth=1, reason="x", requested_by=officer
    )
    loan = live_loan(walker)
    unit = RecallUnit.objects.create(campaign=campaign, loan=loan)
    rows = RecallCampaign.objects.all()
    first, again = (RecoveryStep.objects.create(loan=loan, kind="call") for _twice in range(2))
    RecallAttempt.objects.create(unit=unit, wave=1, step=first)

    with (
        pytest.raises(IntegrityError, match="recallcampaign_needs_two_people"),
        transaction.atomic(),
    ):
        rows.update(decided_by=officer, decided_at=clock.now() + timedelta(0))
    undated = pytest.raises(IntegrityError, match="recallcampaign_decision_says_when")
    with undated, transaction.atomic():
        rows.update(decided_at=clock.now())
    with pytest.raises(IntegrityError, match="a_campaign_runs_by_decision"), transaction.atomic():
        rows.update(status="running")
    with pytest.raises(IntegrityError, match="a_campaign_has_waves"), transaction.atomic():
        rows.update(waves=0)
    with (
        pytest.raises(IntegrityError, match="one_unit_per_campaign_and_loan"),
        transaction.atomic(),
    ):
        RecallUnit.objects.create(campaign=campaign, loan=loan)
    with pytest.raises(IntegrityError, match="one_attempt_per_unit_and_wave"), transaction.atomic():
        RecallAttempt.objects.create(unit=unit, wave=1, step=again)


def test_a_waiver_is_asked_for_once_and_decided_by_somebody_else(walker, make_staff):
    case, officer = make_case(walker), make_staff("device_officer")
    terms = {"case": case, "reason": "x", "requested_by": officer}
    CompensationWaiver.objects.create(**terms)
    rows = CompensationWaiver.objects.all()

    for name, changes in [
        ("compensationwaiver_decision_says_when", {"decided_at": clock.now()}),
        ("compensationwaiver_needs_two_people", {"decided_by": officer, "decided_at": clock.now()}),
        ("a_waiver_is_decided_by_somebody", {"status": "approved"}),
    ]:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            rows.update(**changes)
    with pytest.raises(IntegrityError, match="one_waiver_at_a_time_per_case"), transaction.atomic():
        CompensationWaiver.objects.create(**terms)
    with pytest.raises(IntegrityError, match="one_undecided_case_per_loan"), transaction.atomic():
        CompensationCase.objects.create(
            loan=case.loan, policy=case.policy, cause="lost", unit_price=10, age_months=1,
            grade="A", amount=1, holds_payouts=True,
        )  # fmt: skip


def make_case(walker):
    return CompensationCase.objects.create(
        loan=live_loan(walker), policy=CompensationPolicy.objects.create(**POLICY), cause="lost",
        unit_price=10, age_months=1, grade="A", amount=1, holds_payouts=True,
    )  # fmt: skip
