import pytest

from participants.errors import EvidenceFrozen, NotEligible
from participants.models import Application, EvidenceDocument, Participant
from participants.services import applications
from participants.services.evidence import attach
from seoul_health.core.errors import IllegalMove
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.participants.papers import pdf
from tests.participants.recruiting import open_lane, submitted

pytestmark = pytest.mark.django_db
PDF = pdf("a certificate")


@pytest.fixture
def worker(make_participant):
    return make_participant(is_resident=False, verified=False)


@pytest.fixture
def application(worker):
    return submitted(worker, open_lane(), basis="worker")


def send_paper(application, content=PDF, kind="employment"):
    return attach(
        application,
        kind=kind,
        content=content,
        claimed_type="application/pdf",
        by=application.participant,
    )


def test_without_its_paper_an_application_is_not_approved(application):
    with pytest.raises(NotEligible) as refusal:
        applications.approve(application, by=JOB)

    assert [failure.code for failure in refusal.value.failures] == ["evidence_missing"]
    assert Application.objects.get().status == "submitted"


def test_a_paper_of_another_kind_does_not_do(application):
    send_paper(application, kind="other")

    with pytest.raises(NotEligible):
        applications.approve(application, by=JOB)


def test_approval_freezes_the_papers_and_the_rule(application):
    send_paper(application)

    applications.approve(application, by=JOB)

    row = Application.objects.get()
    assert (row.status, row.rule) == ("approved", row.round.rules.get())
    assert row.decided_at == EvidenceDocument.objects.get().frozen_at is not None
    with pytest.raises(EvidenceFrozen):
        send_paper(application, pdf("another"))
    assert EvidenceDocument.objects.count() == 1


def test_papers_seen_by_staff_verify_who_lives_elsewhere(application, worker):
    send_paper(application)
    applications.approve(application, by=JOB)

    assert Participant.objects.get(pk=worker.pk).is_verified


def test_a_rejection_keeps_its_reason_and_the_rules_that_failed(application):
    applications.reject(application, by=JOB, reason="재직증명서가 없습니다.")

    row = Application.objects.get()
    assert (row.status, row.reason) == ("rejected", "재직증명서가 없습니다.")
    assert row.failed_rules == ["evidence_missing"]
    assert row.decided_at is not None


def test_a_missing_paper_brings_a_held_application_back_to_the_desk(application):
    applications.hold(application, by=JOB, reason="재직증명서를 보내 주세요.")
    assert Application.objects.get().status == "on_hold"

    send_paper(application)

    assert Application.objects.get().status == "under_review"


def test_what_was_decided_stays_decided(application):
    applications.reject(application, by=JOB, reason="기준에 맞지 않습니다.")
    send = application.participant

    for act in (applications.approve, applications.start_review):
        with pytest.raises((IllegalMove, NotEligible)):
            act(application, by=JOB)
    with pytest.raises(IllegalMove):
        applications.withdraw(application, by=send)

    assert AuditEvent.objects.filter(verb="rejected").count() == 1
