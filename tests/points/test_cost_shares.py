"""What is paid out is shared among parties by the version in force, and adds up to the won."""

import io
import uuid
from datetime import date, datetime

import openpyxl
import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from points.errors import (
    CorrectionTooLarge,
    MonthNotOver,
    MonthStillOpen,
    NoCostShare,
    SamePerson,
    ShareIncomplete,
    SharesOverlap,
    ShareStartsTooSoon,
    StatementExists,
)
from points.models import (
    CostShare,
    Payout,
    Pot,
    Reason,
    ShareCorrection,
    Statement,
    StatementLine,
)
from points.services import ledger
from points.services.accounts import pot
from points.services.cost_shares import (
    approve_correction,
    ask_correction,
    close_month,
    owed_of,
    refuse_correction,
    release_share,
)
from points.services.payouts import request_payout
from seoul_health.core import clock
from seoul_health.core.audit import System
from seoul_health.core.clock import KST
from seoul_health.core.errors import SamePerson as SameTwo

pytestmark = pytest.mark.django_db
JOB = System("tests.job")
HALVES = {"city": 50, "district": 30, "partner": 20}


@pytest.fixture
def drafter(make_staff):
    return make_staff("finance_officer")


@pytest.fixture
def approver(make_staff):
    return make_staff("finance_approver")


def draft(code, start, drafter, weights=HALVES):
    share = CostShare.objects.create(code=code, effective_from=start, drafted_by=drafter)
    for party, weight in weights.items():
        share.parts.create(party=party, weight=weight)
    return share


def paid(amount, day, key):
    ledger.post(
        f"payout-paid:{key}",
        source=pot(Pot.IN_TRANSIT),
        target=pot(Pot.PAID),
        amount=amount,
        reason=Reason.PAYOUT_PAID,
        business_date=day,
    )


def owed(statement):
    return list(statement.lines.order_by("pk").values_list("cost_share__code", "party", "amount"))


def test_a_month_is_shared_to_the_won_by_largest_remainder(drafter, approver):
    release_share(draft("s1", date(2026, 1, 1), drafter), by=approver)
    paid(10_001, date(2026, 1, 1), "a")
    paid(5_000, date(2026, 1, 31), "b")
    paid(7_777, date(2026, 2, 1), "next month")

    statement = close_month(date(2026, 1, 15), by=JOB)

    assert (statement.month, statement.paid, statement.payouts) == (date(2026, 1, 1), 15_001, 2)
    assert owed(statement) == [
        ("s1", "city", 7_501),
        ("s1", "district", 4_500),
        ("s1", "partner", 3_000),
    ]


def test_a_share_that_changes_inside_a_month_counts_from_its_day(drafter, approver):
    release_share(draft("old", date(2026, 1, 1), drafter), by=approver)
    release_share(draft("new", date(2026, 1, 16), drafter, {"city": 1}), by=approver)
    paid(1_000, date(2026, 1, 15), "a")
    paid(2_000, date(2026, 1, 16), "b")

    statement = close_month(date(2026, 1, 1), by=JOB)

    assert owed(statement) == [
        ("old", "city", 500),
        ("old", "district", 300),
        ("old", "partner", 200),
        ("new", "city", 2_000),
    ]
    assert CostShare.objects.get(code="old").effective_to == date(2026, 1, 15)


def test_money_nobody_agreed_to_carry_is_not_closed_away(drafter, approver):
    release_share(draft("late", date(2026, 1, 2), drafter), by=approver)
    paid(5_000, date(2026, 1, 1), "a")

    with pytest.raises(NoCostShare, match="5,000"):
        close_month(date(2026, 1, 1), by=JOB)

    assert not Statement.objects.exists()


def test_a_month_is_closed_once(drafter, approver):
    release_share(draft("s1", date(2026, 1, 1), drafter), by=approver)
    close_month(date(2026, 1, 1), by=JOB)

    with pytest.raises(StatementExists):
        close_month(date(2026, 1, 1), by=JOB)

    assert Statement.objects.count() == 1


def test_a_month_that_is_not_over_stays_open(drafter, approver):
    release_share(draft("s1", date(2026, 1, 1), drafter), by=approver)

    with pytest.raises(MonthNotOver):
        close_month(clock.today(), by=JOB)


def test_a_payout_without_an_answer_keeps_its_month_open(drafter, approver, saver):
    release_share(draft("s1", date(2026, 1, 1), drafter), by=approver)
    request_payout(saver, amount=5_000, key=uuid.uuid4())
    asked = datetime(2026, 1, 31, 23, 59, 59, tzinfo=KST)
    Payout.objects.update(requested_at=asked)

    with pytest.raises(MonthStillOpen):
        close_month(date(2026, 1, 1), by=JOB)

    assert not Statement.objects.exists()
    assert close_month(date(2025, 12, 1), by=JOB).paid == 0


def test_two_people_release_a_share(drafter):
    share = draft("s1", date(2026, 1, 1), drafter)

    with pytest.raises(SamePerson):
        release_share(share, by=drafter)

    share.refresh_from_db()
    assert share.status == "draft"


def test_a_share_without_parties_is_not_released(drafter, approver):
    with pytest.raises(ShareIncomplete):
        release_share(draft("s1", date(2026, 1, 1), drafter, {}), by=approver)


def test_a_share_cannot_reach_into_a_closed_month(drafter, approver):
    release_share(draft("s1", date(2026, 1, 1), drafter), by=approver)
    close_month(date(2026, 1, 1), by=JOB)

    with pytest.raises(ShareStartsTooSoon):
        release_share(draft("s2", date(2026, 1, 20), drafter), by=approver)

    assert CostShare.objects.get(code="s1").effective_to is None


def test_released_shares_never_overlap(drafter, approver):
    release_share(draft("later", date(2026, 3, 1), drafter), by=approver)

    with pytest.raises(SharesOverlap):
        release_share(draft("s1", date(2026, 1, 1), drafter), by=approver)


def violates(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_the_database_keeps_shares_and_statements_in_shape(drafter, approver):
    share = draft("s1", date(2026, 1, 1), drafter)
    rows = CostShare.objects.filter(pk=share.pk)

    violates("a_cost_share_ends_after_it_starts", lambda: rows.update(effective_to="2025-12-31"))
    violates("two_people_release_a_cost_share", lambda: rows.update(released_by=drafter))
    violates("one_part_per_party", lambda: share.parts.create(party="city", weight=1))
    violates("a_part_has_a_weight", lambda: share.parts.update(weight=0))
    release_share(share, by=approver)
    other = draft("s2", date(2026, 2, 1), drafter)
    violates(
        "one_released_cost_share_per_day",
        lambda: CostShare.objects.filter(pk=other.pk).update(status="released"),
    )
    paid(1_000, date(2026, 1, 2), "a")
    statement = close_month(date(2026, 1, 1), by=JOB)
    line = statement.lines.first()
    line.pk = None
    violates("one_line_per_party_and_share", lambda: line.save(force_insert=True))
    half = Statement(month=date(2026, 2, 2), paid=0, payouts=0, closed_at=clock.now())
    violates("a_statement_is_about_a_whole_month", lambda: half.save(force_insert=True))


@pytest.mark.parametrize("rows", [Statement, StatementLine])
def test_a_statement_is_never_changed_or_removed(rows, drafter, approver):
    release_share(draft("s1", date(2026, 1, 1), drafter), by=approver)
    paid(1_000, date(2026, 1, 2), "a")
    close_month(date(2026, 1, 1), by=JOB)

    for change in (
        lambda: rows.objects.update(paid=1),
        lambda: rows.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
            change()

    assert Statement.objects.get().paid == 1_000


def test_finance_closes_a_month_and_takes_its_file(client_of, drafter, approver):
    release_share(draft("s1", date(2026, 1, 1), drafter), by=approver)
    paid(1_001, date(2026, 1, 2), "a")
    finance = client_of("finance_officer")

    refused = finance.post("/admin/points/statement/run/", {"month": "2026-13"})
    assert refused.status_code == 200
    assert not Statement.objects.exists()

    finance.post("/admin/points/statement/run/", {"month": "2026-01"})
    statement = Statement.objects.get()
    page = finance.get(f"/admin/points/statement/{statement.pk}/change/")
    file = finance.get(reverse("admin:points_statement_file", args=[statement.pk]))

    assert page.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(file.content)).active
    assert [cell.value for cell in sheet[5]][3:] == ["1001", "1001"]


def test_an_agent_sees_no_statement(client_of):
    agent = client_of("agent")

    assert agent.get("/admin/points/statement/").status_code == 403
    assert agent.post("/admin/points/statement/run/", {"month": "2026-01"}).status_code == 403


STATEMENTS = "/staff/points/statements/"


@pytest.fixture
def closed(drafter, approver):
    release_share(draft("v1", date(2026, 1, 1), drafter), by=approver)
    paid(10_001, date(2026, 3, 5), "a")
    return close_month(date(2026, 3, 1), by=JOB)


def ask(statement, by, **terms):
    given = {"relieved": "city", "charged": "district", "amount": 1_000, "why": "Wrong weights"}
    return ask_correction(statement, by=by, **{**given, **terms})


def test_a_correction_is_settled_in_the_next_month_that_is_closed(closed, drafter, approver):
    before = owed_of(closed)
    correction = ask(closed, drafter)
    approve_correction(correction, by=approver)
    paid(10_001, date(2026, 4, 5), "b")
    april = close_month(date(2026, 4, 1), by=JOB)

    assert owed_of(closed) == before
    after = owed_of(april)
    assert sum(after.values()) == april.paid == 10_001
    assert (before["city"] - after["city"], after["district"] - before["district"]) == (1_000,) * 2
    correction.refresh_from_db()
    assert correction.statement == april
    close_month(date(2026, 5, 1), by=JOB)
    correction.refresh_from_db()
    assert correction.statement == april
    with pytest.raises(DatabaseError), transaction.atomic():
        ShareCorrection.objects.update(amount=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        ShareCorrection.objects.all()._raw_delete("default")


def test_a_correction_that_was_refused_or_not_decided_changes_nothing(closed, drafter, approver):
    refuse_correction(ask(closed, drafter), by=approver)
    ask(closed, drafter)
    april = close_month(date(2026, 4, 1), by=JOB)

    assert owed_of(april) == {"city": 0, "district": 0, "partner": 0}


def test_a_correction_needs_two_people(closed, drafter):
    correction = ask(closed, drafter)

    with pytest.raises(SameTwo):
        approve_correction(correction, by=drafter)
    assert ShareCorrection.objects.get().status == "asked"


def test_a_correction_is_not_larger_than_what_was_charged(closed, drafter):
    with pytest.raises(CorrectionTooLarge):
        ask(closed, drafter, amount=5_002)

    assert not ShareCorrection.objects.exists()


def test_the_database_keeps_corrections_in_shape(closed, drafter, approver):
    def violates(name, **terms):
        given = {
            "corrects": closed, "relieved": "city", "charged": "district", "amount": 1,
            "why": "x", "requested_by": drafter, "status": "asked",
        }  # fmt: skip
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            ShareCorrection.objects.create(**{**given, **terms})

    now = clock.now()
    violates("a_share_correction_moves_something", amount=0)
    violates("a_share_correction_is_between_two", charged="city")
    violates("only_approved_corrections_are_settled", statement=closed)
    violates("sharecorrection_needs_two_people", decided_by=drafter, decided_at=now)
    violates("sharecorrection_decision_says_when", decided_by=approver)


def test_the_list_shows_the_open_month_and_closed_ones(closed, client, approver):
    paid(501, date(2026, 4, 5), "b")
    client.force_login(approver)
    page = client.get(STATEMENTS)

    assert page.context["open"].name == "2026-04"
    assert (page.context["open"].paid, page.context["open"].payouts) == (501, 1)
    assert sum(amount for _, amount in page.context["open"].parts) == 501
    [(row, owed)] = page.context["closed"]
    assert (row, sum(owed)) == (closed, 10_001)


def test_the_list_says_when_nobody_agreed_on_a_share(client, approver):
    paid(501, clock.today().replace(day=1), "b")
    client.force_login(approver)

    assert "501" in client.get(STATEMENTS).context["open"].problem


def test_a_month_is_closed_from_the_list(closed, client, drafter, approver):
    client.force_login(approver)
    assert client.post(f"{STATEMENTS}close/").status_code == 403
    client.force_login(drafter)
    assert client.post(f"{STATEMENTS}close/").status_code == 302

    assert Statement.objects.count() == 2
    assert client.get(f"{STATEMENTS}2026-04/").status_code == 200


def test_a_statement_on_paper_adds_up(closed, client, approver):
    from pypdf import PdfReader

    client.force_login(approver)
    answer = client.get(f"{STATEMENTS}2026-03.pdf")

    told = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    for figure in ("10,001", "5,001", "3,000", "2,000"):
        assert figure in told
    assert client.get(f"{STATEMENTS}2026-04.pdf").status_code == 404
    assert client.get(f"{STATEMENTS}2026-99/").status_code == 404


def test_a_correction_is_asked_for_and_decided_on_the_page(closed, client, drafter, approver):
    page = f"{STATEMENTS}2026-03/"
    terms = {"relieved": "city", "charged": "partner", "amount": "700", "why": "Typing error"}
    client.force_login(drafter)
    assert client.post(f"{page}correct/", terms).status_code == 302
    correction = ShareCorrection.objects.get()
    assert client.post(f"{page}correct/", terms | {"charged": "city"}).status_code == 400
    assert client.post(f"{page}correct/", terms | {"amount": "0"}).status_code == 400
    assert client.post(f"{page}correct/", terms | {"amount": "9999"}).status_code == 422
    approve = f"{STATEMENTS}corrections/{correction.pk}/approve/"
    assert client.post(approve).status_code == 403

    client.force_login(approver)
    assert client.post(approve).status_code == 302
    refuse = f"{STATEMENTS}corrections/{correction.pk}/refuse/"
    assert client.post(refuse, follow=True).status_code == 200
    correction.refresh_from_db()
    assert (ShareCorrection.objects.count(), correction.status) == (1, "approved")
    assert client.get(page).status_code == 200
