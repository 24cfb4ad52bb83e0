"""Statements as staff see them: on the page, as PDF and as CSV; and the whole book at a moment."""

import io
from datetime import timedelta

import pytest
import time_machine
from pypdf import PdfReader

from points.services import ledger
from points.services.accounts import pot, purse_of
from points.services.pots import checkpoint_pots
from seoul_health.core.models import AccessLog
from tests.conftest import JOB
from tests.points.builders import ERA, give
from tests.points.moments import moment, move

pytestmark = pytest.mark.django_db
SPAN = {"first": "2026-01-01", "last": "2026-01-31"}


@pytest.fixture(autouse=True)
def on_a_day_of_2026():
    with time_machine.travel(moment(11, 23), tick=False):
        yield


@pytest.fixture
def purse(walker):
    move(walker, 700, moment(1, 3), case="C-20260103-0001")
    move(walker, -200, moment(1, 10), reason="expiry")
    move(walker, 400, moment(1, 20))
    return purse_of(walker)


@pytest.fixture
def officer(client_of):
    return client_of("finance_officer")


def statement_of(browser, account, **asked):
    return browser.get(f"/admin/points/account/{account.pk}/statement/", asked)


def file_of(browser, account, kind, **asked):
    return browser.get(f"/admin/points/account/{account.pk}/statement.{kind}", asked)


def figures(page):
    told = page.context["statement"]
    return told.opening, told.came_in, told.went_out, told.closing


def test_a_span_of_days_adds_up(purse, officer):
    page = statement_of(officer, purse, first="2026-01-10", last="2026-01-31")

    assert figures(page) == (700, 400, 200, 900)
    assert [line.balance for line in page.context["statement"].newest_first] == [900, 500]
    assert page.context["statement"].is_final


def test_a_statement_can_be_had_as_of_a_moment(purse, officer):
    page = statement_of(officer, purse, **SPAN, as_of="2026-01-15T09:00:00")

    assert figures(page) == (0, 700, 200, 500)
    assert page.context["statement"].as_of == moment(1, 15, 9)
    only = statement_of(officer, purse, as_of="2026-01-15T09:00:00")
    assert only.context["asked"].last == moment(1, 15).date()


def test_a_case_leads_to_whatever_bears_its_number(purse, officer):
    assert "?q=C-20260103-0001" in statement_of(officer, purse, **SPAN).content.decode()


def test_a_reversal_and_what_it_took_back_lead_to_each_other(walker, client_of):
    transfer = give(walker, 50)
    back = ledger.reverse(transfer, reason="reversal", business_date=ERA)
    with time_machine.travel(back.at + timedelta(minutes=1), tick=False):
        page = statement_of(client_of("finance_officer"), purse_of(walker))
    text = page.content.decode()

    for one in (transfer, back):
        assert text.count(f"/admin/points/transfer/{one.pk}/change/") == 2


@pytest.mark.parametrize(
    "asked",
    [
        {"first": "2026-02-01", "last": "2026-01-01"},
        {"first": "2020-01-01", "last": "2026-01-01"},
        {"first": "x"},
        {"as_of": "2026-11-24T00:00"},
        {"as_of": "x"},
    ],
    ids=["backwards", "too long", "no day", "future", "no moment"],
)
def test_a_span_that_is_none_is_refused_in_words(purse, officer, asked):
    page = statement_of(officer, purse, **asked)

    assert page.status_code == 400
    assert "errorlist" in page.content.decode()
    assert file_of(officer, purse, "csv", **asked).status_code == 400


def test_days_without_a_line_say_so(purse, officer):
    page = statement_of(officer, purse, first="2026-02-01", last="2026-02-28")

    assert figures(page) == (900, 0, 0, 900)
    assert 'class="empty"' in page.content.decode()


def test_a_change_of_the_rule_stands_between_the_lines(walker, officer):
    move(walker, 100, moment(11, 1).replace(year=2025))
    move(walker, 100, moment(12, 20).replace(year=2025))
    page = statement_of(officer, purse_of(walker), first="2025-11-01", last="2025-12-31")

    kinds = [line.kind for line in page.context["statement"].lines]
    assert kinds == ["transfer", "rule_change", "transfer"]
    assert 'class="rule-line"' in page.content.decode()


def test_a_pots_statement_has_a_balance_too(purse, officer):
    checkpoint_pots(by=JOB)
    page = statement_of(officer, pot("compensation"), **SPAN)

    assert figures(page) == (0, 0, 1_100, -1_100)
    assert [line.balance for line in page.context["statement"].lines] == [-700, -1_100]


def test_of_many_lines_the_last_are_shown(purse, officer, monkeypatch):
    monkeypatch.setattr("points.admin.ledger.LINES", 2)
    page = statement_of(officer, purse, **SPAN)

    assert [line.balance for line in page.context["statement"].lines] == [500, 900]
    assert page.context["statement"].is_cut


def test_a_statement_is_printed(purse, officer, walker):
    answer = file_of(officer, purse, "pdf", **SPAN)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)

    assert answer.headers["Content-Type"] == "application/pdf"
    assert walker.number in text
    assert "김걷기" not in text
    assert "C-20260103-0001" in text


def test_a_statement_is_taken_along_as_a_table(purse, officer, walker):
    answer = file_of(officer, purse, "csv", **SPAN)
    lines = answer.content.decode("utf-8-sig").splitlines()

    assert len(lines) == 4
    assert lines[1].startswith(f'"{walker.number}","2026-01-03T12:00:00+09:00","2026-01-03"')
    assert '"0","200","500"' in lines[2]


def test_only_who_may_download_does(purse, client_of):
    agent = client_of("agent")

    assert statement_of(agent, purse, **SPAN).status_code == 200
    assert file_of(agent, purse, "csv", **SPAN).status_code == 403
    assert file_of(client_of("finance_approver"), purse, "pdf", **SPAN).status_code == 200
    assert file_of(client_of("finance_officer"), purse, "xlsx", **SPAN).status_code == 404


def test_everybody_whose_lines_were_seen_is_written_down(purse, officer, walker, make_participant):
    other = make_participant()
    move(other, 5, moment(1, 4))
    statement_of(officer, pot("compensation"), **SPAN)
    file_of(officer, purse, "csv", **SPAN)
    seen = AccessLog.objects.order_by("pk").values_list("action", "subjects")

    assert list(seen) == [
        ("statement", sorted([walker.number, other.number])),
        ("download", [walker.number]),
    ]


def test_another_districts_purse_is_not_found(purse, client_of):
    far = client_of("finance_officer", scope="district", district="중구")

    assert statement_of(far, purse).status_code == 404
    assert file_of(far, purse, "csv").status_code == 404


def test_a_statement_costs_the_same_however_many_lines(
    purse, officer, walker, django_assert_max_num_queries
):
    for day in range(1, 25):
        move(walker, 1, moment(2, day))
    statement_of(officer, purse)
    with django_assert_max_num_queries(18):
        statement_of(officer, purse, first="2026-01-01", last="2026-03-01")


def moment_page(browser, **asked):
    return browser.get("/staff/points/at/", asked)


def test_the_whole_book_at_a_moment(purse, officer):
    page = moment_page(officer, as_of="2026-01-11T09:00")

    assert page.context["city"].purses == 500
    held = {account.code: held for account, held in page.context["pots"]}
    assert (held["compensation"], held["expired"]) == (-700, 200)
    assert moment_page(officer).context["city"].purses == 900


def test_the_latest_checkpoints_are_shown(purse, officer):
    assert not moment_page(officer).context["checkpoints"]
    checkpoint_pots(by=JOB)

    assert len(moment_page(officer).context["checkpoints"]) == 2


@pytest.mark.parametrize("asked", ["2026-11-24T00:00", "x"], ids=["future", "no moment"])
def test_a_moment_that_is_none_is_refused(purse, officer, asked):
    assert moment_page(officer, as_of=asked).status_code == 400


def test_the_book_is_for_finance_and_audit(purse, client, client_of):
    assert moment_page(client).status_code == 302
    assert moment_page(client_of("agent")).status_code == 403
    assert moment_page(client_of("auditor")).status_code == 200
