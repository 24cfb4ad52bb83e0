"""What the database itself keeps of decisions, reasons, frozen papers and appeals."""

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from participants.models import (
    Appeal,
    Decision,
    EvidenceDocument,
    ReasonCode,
    ReviewClaim,
)
from participants.services import appeals, applications, evidence
from participants.services.decisions import is_as_decided
from seoul_health.core import clock
from tests.conftest import JOB
from tests.participants.papers import picture
from tests.participants.recruiting import open_lane, submitted

pytestmark = pytest.mark.django_db
NEVER = (IntegrityError, ProgrammingError)  # Triggers of their own speak as the latter.


@pytest.fixture
def rejected(make_participant):
    application = submitted(make_participant(is_resident=True), open_lane())
    EvidenceDocument.objects.create(
        application=application, kind="other", media_type="image/png", size=1, sha256="1" * 64
    )
    applications.reject(application, by=JOB, reason="기준에 맞지 않습니다.")
    return application


def refused(act, match):
    with pytest.raises(NEVER, match=match), transaction.atomic():
        act()


def test_a_decision_is_never_rewritten(rejected):
    refused(lambda: Decision.objects.update(age=20), "a_decision_stays|Cannot update")
    refused(lambda: Decision.objects.all()._raw_delete("default"), "a_decision_stays|Cannot delete")

    assert Decision.objects.get().age == 46


def test_frozen_evidence_is_never_rewritten(rejected):
    papers = EvidenceDocument.objects
    refused(lambda: papers.update(sha256="2" * 64), "frozen_evidence_stays|Cannot update")
    refused(lambda: papers.all()._raw_delete("default"), "frozen_evidence_stays|Cannot delete")

    assert papers.get().sha256 == "1" * 64


def test_a_refusal_says_why(rejected):
    decision = Decision.objects.get()
    decision.pk, decision.reason = None, ""

    refused(lambda: decision.save(force_insert=True), "a_refusal_says_why")


def test_a_reason_has_its_sentence():
    refused(
        lambda: ReasonCode.objects.create(code="x", use="reject", label="x", sentence=""),
        "a_reason_has_its_sentence",
    )


def test_a_code_is_there_once():
    refused(
        lambda: ReasonCode.objects.create(code="age", use="hold", label="x", sentence="x"), "code"
    )


def test_a_decided_appeal_says_who_when_and_why(rejected):
    appeals.file_appeal(rejected, text="다시 보아 주세요.", by=rejected.participant)

    for change in (
        {"status": "upheld"},
        {"status": "dismissed", "decided_by": "staff:x", "decided_at": clock.now(), "answer": ""},
        {"decided_by": "staff:x"},
    ):
        refused(lambda change=change: Appeal.objects.update(**change), "a_decided_appeal_says")


def test_an_application_lies_on_one_desk(rejected, make_staff):
    ReviewClaim.objects.create(application=rejected, reviewer=make_staff(), expires_at=clock.now())

    refused(
        lambda: ReviewClaim.objects.create(
            application=rejected, reviewer=make_staff(), expires_at=clock.now()
        ),
        "participants_reviewclaim",
    )


def test_a_paper_changed_behind_our_back_is_noticed(make_participant, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    application = submitted(make_participant(), open_lane(), basis="worker")
    paper = evidence.attach(
        application,
        kind="employment",
        content=picture(),
        claimed_type="image/jpeg",
        by=application.participant,
    )
    applications.reject(application, by=JOB, reason="기준에 맞지 않습니다.")
    assert is_as_decided(Decision.objects.get())

    (tmp_path / paper.file.name).chmod(0o600)
    (tmp_path / paper.file.name).write_bytes(picture("OTHER"))

    assert not is_as_decided(Decision.objects.get())


@pytest.mark.parametrize(
    "model", ["decision", "appeal", "approvalbatch", "batchitem", "reasoncode"]
)
def test_the_lists_open_and_cost_the_same(
    client_of, rejected, model, django_assert_max_num_queries
):
    officer = client_of("recruitment_officer")

    with django_assert_max_num_queries(14):
        assert officer.get(f"/admin/participants/{model}/").status_code == 200
    assert client_of("agent").get(f"/admin/participants/{model}/").status_code == 403
