import uuid
from datetime import timedelta

import pytest
from django.db import connection

from points.models import (
    Breaker,
    Difference,
    Operator,
    OperatorChange,
    Payout,
    Settlement,
    SettlementChunk,
)
from points.services import settlement
from points.services.operators import in_force
from points.services.payouts import request_payout
from points.services.reconciliation import reconcile
from points.services.sending import send_due_payouts
from points.services.settlement import plan_settlement, settle
from seoul_health.core import clock
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.points.builders import ERA, give, walk

pytestmark = pytest.mark.django_db
PAYOUTS = "/staff/points/payouts/"
RECONCILIATION = "/staff/points/reconciliation/"
SETTLEMENT = "/staff/points/settlement/"


@pytest.fixture
def officer(client_of):
    return client_of("finance_officer")


@pytest.fixture
def approver(client_of):
    return client_of("finance_approver")


@pytest.fixture
def payouts(saver, simulators, wallet):
    """One paid, one unknown, two waiting: one of them for nine days."""
    give(saver, 100_000)
    for _ in range(4):
        request_payout(saver, amount=5_000, key=uuid.uuid4())
    send_due_payouts(in_force(), wallet=wallet, by=JOB, most=1)
    simulators.wallet.mode = "dark"
    send_due_payouts(in_force(), wallet=wallet, by=JOB)
    oldest = Payout.objects.filter(status="requested").last()
    Payout.objects.filter(pk=oldest.pk).update(requested_at=clock.now() - timedelta(days=9))
    return list(Payout.objects.order_by("pk"))


def counted(page):
    return {row["status"]: [cell["count"] for cell in row["cells"]] for row in page.context["rows"]}


def test_the_payout_board_counts_by_state_and_age(payouts, officer):
    page = officer.get(PAYOUTS)

    assert counted(page) == {
        "requested": [1, 0, 0, 0, 1], "sending": [0, 0, 0, 0, 0], "unknown": [1, 0, 0, 0, 0]
    }  # fmt: skip
    assert (page.context["waiting"], page.context["waiting_amount"]) == (3, 15_000)
    assert page.context["paid_today"] == {"count": 1, "amount": 5_000}


def test_every_figure_of_the_payout_board_leads_to_its_rows(payouts, officer):
    for row in officer.get(PAYOUTS).context["rows"]:
        for cell in [{"count": row["count"], "url": row["url"]}, *row["cells"]]:
            rows = officer.get(cell["url"]).context["cl"].result_list
            assert len(rows) == cell["count"]


def test_the_payout_board_asks_as_often_however_many_payouts(
    payouts, officer, django_assert_max_num_queries
):
    with django_assert_max_num_queries(32):
        officer.get(PAYOUTS)


@pytest.mark.parametrize("address", [PAYOUTS, RECONCILIATION, SETTLEMENT])
def test_boards_are_for_those_who_may(client, client_of, address):
    assert client.get(address).status_code == 302
    assert client_of("site_clerk").get(address).status_code == 403
    assert client_of("auditor").get(address).status_code == 200


def test_staff_pause_and_resume_an_operator_with_a_reason(officer, client_of):
    act = f"{PAYOUTS}operators/seoulpay/"
    officer.post(f"{act}pause/", {"why": ""})
    assert Breaker.objects.get().status == "closed"
    officer.post(f"{act}pause/", {"why": "정산 오류"})
    assert (Breaker.objects.get().status, Breaker.objects.get().reason) == ("paused", "정산 오류")
    assert "정산 오류" in officer.get(PAYOUTS).content.decode()
    officer.post(f"{act}resume/", {"why": "고침"})
    assert Breaker.objects.get().status == "open"
    officer.post(f"{act}try/")

    assert Breaker.objects.get().next_try_at <= clock.now()
    assert client_of("finance_approver").post(f"{act}try/").status_code == 403
    assert officer.post(f"{act}explode/").status_code == 404
    assert officer.post(f"{PAYOUTS}operators/nobody/pause/", {"why": "x"}).status_code == 404


def test_staff_set_how_many_payouts_leave_a_minute(officer, approver):
    act = f"{PAYOUTS}operators/seoulpay/rate/"
    for refused in (
        {"per_minute": 0, "why": "x"},
        {"per_minute": "많이", "why": "x"},
        {"per_minute": 5},
    ):
        officer.post(act, refused)
    assert approver.post(act, {"per_minute": 5, "why": "x"}).status_code == 403
    assert Operator.objects.get().per_minute == 600

    officer.post(act, {"per_minute": 120, "why": "운영사 요청"})

    assert Operator.objects.get().per_minute == 120
    told = AuditEvent.objects.get(verb="rate_changed")
    assert told.detail == {"before": 600, "per_minute": 120, "why": "운영사 요청"}


def change_of(**terms):
    day = clock.today() + timedelta(days=3)
    return {
        "code": "seoulpay-3", "name": "다음", "stops_at": f"{day}T00:00",
        "starts_at": f"{day}T09:00", "reason": "계약 만료", **terms,
    }  # fmt: skip


def test_two_people_plan_a_change_of_operator_on_the_board(officer, approver, client_of):
    officer.post(f"{PAYOUTS}changes/", change_of())
    change = OperatorChange.objects.get()
    decide = f"{PAYOUTS}changes/{change.pk}/"
    assert officer.post(f"{decide}approve/").status_code == 403
    approver.post(f"{decide}approve/")

    assert Operator.objects.get(code="seoulpay-3").starts_at == change.starts_at
    assert client_of("auditor").post(f"{PAYOUTS}changes/", change_of()).status_code == 403
    assert "다음" in officer.get(PAYOUTS).content.decode()


@pytest.mark.parametrize(
    ("terms", "status"),
    [({"code": "unknown"}, 422), ({"stops_at": "soon"}, 400), ({"starts_at": ""}, 400)],
    ids=["not in the settings", "no time", "no start"],
)
def test_a_change_that_cannot_be_is_explained_on_the_board(officer, terms, status):
    answer = officer.post(f"{PAYOUTS}changes/", change_of(**terms))

    assert answer.status_code == status
    assert answer.context["form"].errors
    assert not OperatorChange.objects.exists()


def test_a_change_is_rejected_with_a_reason(officer, approver):
    officer.post(f"{PAYOUTS}changes/", change_of())
    decide = f"{PAYOUTS}changes/{OperatorChange.objects.get().pk}/reject/"
    approver.post(decide, {"why": ""})
    assert OperatorChange.objects.get().status == "requested"
    approver.post(decide, {"why": "이릅니다"})

    assert OperatorChange.objects.get().status == "rejected"
    assert Operator.objects.count() == 1


@pytest.fixture
def differences(saver, simulators, wallet):
    """Three payments the partner knows and we do not, of three ages."""
    for place in range(3):
        wallet.pay(f"PO-NOBODY-{place}", 5_000, "somebody")
    reconcile(clock.today(), in_force(), wallet=wallet, by=JOB)
    for place, days in enumerate((0, 3, 20)):
        row = Difference.objects.filter(reference=f"PO-NOBODY-{place}")
        row.update(opened_at=clock.now() - timedelta(days=days))
    return list(Difference.objects.order_by("pk"))


def references(page):
    return [row.reference for row in page.context["differences"]]


def test_the_reconciliation_board_shows_days_and_ages(differences, officer):
    page = officer.get(RECONCILIATION)

    assert [age["count"] for age in page.context["ages"]] == [1, 1, 0, 1]
    assert references(page) == ["PO-NOBODY-2", "PO-NOBODY-1", "PO-NOBODY-0"]
    assert len(page.context["days"]) == 30
    assert page.context["missing"] == 30


def test_the_queue_is_narrowed_by_owner_age_and_kind(differences, officer):
    officer.post(f"{RECONCILIATION}differences/{differences[1].pk}/take/")

    for query, found in {
        "owner=mine": ["PO-NOBODY-1"], "owner=nobody": ["PO-NOBODY-2", "PO-NOBODY-0"],
        "age=3": ["PO-NOBODY-2"], "age=0": ["PO-NOBODY-0"], "kind=ours_only": [],
        "age=9": ["PO-NOBODY-2", "PO-NOBODY-1", "PO-NOBODY-0"],
    }.items():  # fmt: skip
        assert references(officer.get(f"{RECONCILIATION}?{query}")) == found
    file = officer.get(f"{RECONCILIATION}differences.csv?owner=mine").content.decode()
    assert "PO-NOBODY-1" in file
    assert "PO-NOBODY-2" not in file


def test_a_difference_is_taken_given_on_and_resolved_with_a_reason(differences, officer, client_of):
    colleague = client_of("finance_officer")
    act = f"{RECONCILIATION}differences/{differences[0].pk}/"
    officer.post(f"{act}take/")
    officer.post(f"{act}assign/", {"to": colleague.user.username})
    assert Difference.objects.get(pk=differences[0].pk).owner == colleague.user
    officer.post(f"{act}resolve/", {"resolution": "explained", "note": "x"})
    assert Difference.objects.get(pk=differences[0].pk).status == "assigned"
    colleague.post(f"{act}resolve/", {"resolution": "explained", "note": ""})
    assert Difference.objects.get(pk=differences[0].pk).status == "assigned"
    colleague.post(f"{act}resolve/", {"resolution": "explained", "note": "시험 송금"})

    assert Difference.objects.get(pk=differences[0].pk).status == "resolved"
    assert client_of("auditor").post(f"{act}take/").status_code == 403
    assert officer.post(f"{act}assign/", {"to": "nobody"}).status_code == 404


def test_a_difference_is_not_given_to_somebody_who_may_not_resolve_it(
    differences, officer, client_of
):
    clerk = client_of("site_clerk").user
    officer.post(f"{RECONCILIATION}differences/{differences[0].pk}/assign/", {"to": clerk.username})

    assert Difference.objects.get(pk=differences[0].pk).owner is None


def test_the_reconciliation_board_asks_as_often_however_many_differences(
    differences, officer, django_assert_max_num_queries
):
    with django_assert_max_num_queries(20):
        officer.get(RECONCILIATION)


def test_a_running_sweep_refreshes_itself_until_it_is_done(walker, officer):
    walk(walker, ERA, 8_000)
    run = plan_settlement("day", ERA, by=JOB)
    moving = officer.get(f"{SETTLEMENT}runs/").content.decode()
    assert 'hx-trigger="every 3s"' in moving
    settle(run, by=JOB)
    page = officer.get(f"{SETTLEMENT}runs/")

    assert "hx-trigger" not in page.content.decode()
    (shown,) = page.context["runs"]
    assert (shown["row"].done, shown["row"].ranges, shown["share"]) == (1, 1, 100)


def test_a_range_the_database_refuses_says_so_and_can_be_carried_on(
    walker, officer, queued, django_capture_on_commit_callbacks
):
    walk(walker, ERA, 8_000)
    run = plan_settlement("day", ERA, by=JOB)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE points_award ADD CONSTRAINT stop CHECK (points < 0) NOT VALID")
    with pytest.raises(settlement.DatabaseError):
        settle(run, by=JOB)
    chunk = SettlementChunk.objects.get()
    assert (chunk.fault, chunk.done_at) == ("IntegrityError stop", None)
    page = officer.get(f"{SETTLEMENT}{run.pk}/")
    assert page.context["run"]["is_stuck"]
    assert "IntegrityError stop" in page.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        officer.post(f"{SETTLEMENT}{run.pk}/resume/")
    assert queued == [("points.run_settlement", run.pk)]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE points_award DROP CONSTRAINT stop")
    settle(run, by=JOB)

    assert SettlementChunk.objects.get().fault == ""
    assert Settlement.objects.get().status == "done"
    assert AuditEvent.objects.filter(verb="resumed").count() == 1


def test_a_sweep_that_is_done_is_not_carried_on(walker, officer, client_of, queued):
    run = plan_settlement("day", ERA, by=JOB)
    settle(run, by=JOB)
    officer.post(f"{SETTLEMENT}{run.pk}/resume/")

    assert queued == []
    assert client_of("auditor").post(f"{SETTLEMENT}{run.pk}/resume/").status_code == 403
    assert officer.get(f"{SETTLEMENT}999999/").status_code == 404
