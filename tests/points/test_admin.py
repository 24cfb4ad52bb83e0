import uuid
from datetime import timedelta

import pytest

from points.models import Account, Award, EarningRule, Payout, Proof, Settlement, Transfer
from points.services.awards import judge_days
from points.services.operators import in_force
from points.services.payouts import request_payout
from points.services.proof import prove
from points.services.reconciliation import reconcile
from points.services.settlement import settle_day
from seoul_health.core import clock
from seoul_health.core.models import AccessLog
from tests.conftest import JOB
from tests.points.builders import ERA, walk

pytestmark = pytest.mark.django_db
LISTS = [
    "account", "transfer", "award", "payout", "settlement", "reconciliation", "proof",
    "earningrule", "adjustment", "difference",
]  # fmt: skip


@pytest.fixture
def book(saver, wallet):
    walk(saver, ERA, 8_000)
    judge_days(saver, [ERA], by=JOB)
    settle_day(ERA, by=JOB)
    request_payout(saver, amount=5_000, key=uuid.uuid4())
    reconcile(clock.today(), in_force(), wallet=wallet, by=JOB)
    prove(by=JOB)
    return saver


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("role", ["finance_officer", "finance_approver", "auditor"])
def test_finance_and_audit_see_every_list_and_row(book, client_of, name, role):
    browser = client_of(role)
    listed = browser.get(f"/admin/points/{name}/")
    model = {
        "account": Account, "transfer": Transfer, "award": Award, "payout": Payout,
        "settlement": Settlement, "proof": Proof, "earningrule": EarningRule,
    }.get(name)  # fmt: skip

    assert listed.status_code == 200
    if model:
        row = model.objects.latest("pk")
        assert browser.get(f"/admin/points/{name}/{row.pk}/change/").status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_a_site_clerk_sees_no_money(book, client_of, name):
    assert client_of("site_clerk").get(f"/admin/points/{name}/").status_code == 403


@pytest.mark.parametrize("name", ["account", "award", "payout"])
def test_looking_at_a_persons_money_is_written_down(book, client_of, name):
    client_of("finance_officer").get(f"/admin/points/{name}/")

    assert AccessLog.objects.get(action="list").subjects == [book.number]


def test_a_statement_shows_the_running_balance(book, client_of):
    purse = Account.objects.get(participant=book)
    page = client_of("finance_officer").get(f"/admin/points/account/{purse.pk}/statement/")

    assert page.status_code == 200
    assert "15,100" in page.content.decode()


def test_a_list_costs_the_same_however_many_rows(
    book, client_of, django_assert_max_num_queries, make_participant
):
    browser = client_of("auditor")
    for name in LISTS:
        browser.get(f"/admin/points/{name}/")
        with django_assert_max_num_queries(12):
            browser.get(f"/admin/points/{name}/")


def test_a_sweep_can_be_started_by_hand_and_finds_nothing_missing(
    book, client_of, queued, django_capture_on_commit_callbacks
):
    browser = client_of("finance_officer")
    with django_capture_on_commit_callbacks(execute=True):
        browser.post("/admin/points/settlement/run/", {"kind": "day", "day": ERA.isoformat()})
    planned = Settlement.objects.latest("pk")

    assert (planned.period, planned.status) == (ERA, "running")
    assert ("points.run_settlement", planned.pk) in queued


def test_a_sweep_of_tomorrow_is_refused_in_words(book, client_of):
    browser = client_of("finance_officer")
    day = clock.today() + timedelta(days=1)
    page = browser.post(
        "/admin/points/settlement/run/", {"kind": "day", "day": day.isoformat()}, follow=True
    )

    assert page.status_code == 200
    assert Settlement.objects.count() == 1


@pytest.mark.parametrize("name", ["settlement", "reconciliation", "proof"])
def test_only_who_may_run_it_starts_a_run(book, client_of, name):
    assert client_of("agent").post(f"/admin/points/{name}/run/").status_code == 403


def test_asking_the_partner_is_queued_for_a_worker(
    book, client_of, queued, django_capture_on_commit_callbacks
):
    payout = Payout.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        client_of("finance_officer").post(f"/admin/points/payout/{payout.pk}/act/ask_partner/")

    assert queued == [("points.ask_payout", payout.pk)]
