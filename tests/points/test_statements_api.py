"""What a citizen's app can ask of the past: a balance, lines up to a moment, a statement."""

import io
import uuid
from datetime import timedelta

import pytest
import time_machine
from pypdf import PdfReader

from points.services import ledger
from points.services.payouts import request_payout
from seoul_health.core import clock
from tests.points.moments import moment, move
from tests.points.test_api_steps import app_of

pytestmark = pytest.mark.django_db
POINTS, ENTRIES = "/api/v1/me/points/", "/api/v1/me/points/entries/"
SHAPE = "A moment is written 2026-01-03T09:00:00+09:00, with its offset."
STATEMENT, FILE = "/api/v1/me/points/statement/", "/api/v1/me/points/statement.pdf"


@pytest.fixture(autouse=True)
def on_a_day_of_2026():
    with time_machine.travel(moment(11, 23), tick=False):
        yield


@pytest.fixture
def saver(walker):
    """700 points on 3 January, 200 taken on the 10th, 400 more on the 20th."""
    move(walker, 700, moment(1, 3))
    move(walker, -200, moment(1, 10), reason="expiry")
    move(walker, 400, moment(1, 20))
    return walker


@pytest.fixture
def app(saver):
    return app_of(saver, language="en")


def told(app, address, **asked):
    answer = app.get(address, asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def short(lines):
    return [(line["reason"], line["amount"], line["balance"]) for line in lines]


def test_the_balance_of_a_past_moment(app):
    then = told(app, POINTS, as_of="2026-01-11T09:00:00+09:00")

    assert then == {
        "as_of": "2026-01-11T09:00:00+09:00",
        "final": True,
        "balance": 500,
        "payable": 0,
        "pending": 0,
        "earned_this_period": 0,
        "caps": [
            {"group": "walking", "used": 0, "limit": 62_500},
            {"group": "physical", "used": 0, "limit": 75_000},
        ],
    }


def test_a_moment_may_be_given_in_any_offset_and_with_a_bare_plus(app):
    assert told(app, POINTS, as_of="2026-01-10T03:00:00Z")["balance"] == 500
    assert told(app, POINTS, as_of="2026-01-10T02:59:59Z")["balance"] == 700
    answer = app.get(f"{POINTS}?as_of=2026-01-04T09:00:00+09:00")
    assert answer.json()["balance"] == 700


def test_payouts_under_way_at_a_moment_are_told_as_they_were(saver):
    payout = request_payout(move(saver, 9_000, moment(2, 1)).target.participant,
                            amount=5_000, key=uuid.uuid4())  # fmt: skip
    asked = payout.transfer.at
    with time_machine.travel(asked + timedelta(minutes=1), tick=False):
        app = app_of(saver, language="en")
        now = told(app, POINTS, as_of=asked.isoformat())
        earlier = told(app, POINTS, as_of=(asked - timedelta(seconds=1)).isoformat())

    assert (now["balance"], now["pending"], now["final"]) == (4_900, 5_000, False)
    assert (earlier["balance"], earlier["pending"]) == (9_900, 0)


def test_a_payout_that_came_back_is_pending_no_more(saver):
    move(saver, 9_000, moment(2, 1))
    payout = request_payout(saver, amount=5_000, key=uuid.uuid4())
    back = ledger.reverse(payout.transfer, reason="payout_refused", business_date=clock.today())
    asked = back.at
    with time_machine.travel(asked + timedelta(minutes=1), tick=False):
        then = told(app_of(saver, language="en"), POINTS, as_of=asked.isoformat())

    assert (then["balance"], then["pending"]) == (9_900, 0)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("2026-01-03T09:00:00", SHAPE),
        ("2026-01-03", SHAPE),
        ("yesterday", SHAPE),
        ("", SHAPE),
        ("2026-02-30T09:00:00Z", SHAPE),
        ("0001-01-01T00:00:00Z", SHAPE),
        (
            "２０２６-01-03T09:00Z",
            SHAPE,
        ),
        ("2026-11-24T00:00:00+09:00", "This moment has not come yet."),
    ],
    ids=["naive", "day", "words", "empty", "no such day", "year 1", "wide digits", "future"],
)
@pytest.mark.parametrize(("address", "name"), [(POINTS, "as_of"), (ENTRIES, "until")])
def test_a_moment_that_is_none_is_refused_in_words(app, address, name, asked, why):
    answer = app.get(address, {name: asked})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["fields"] == {name: [why]}


def test_lines_up_to_a_moment_end_with_its_balance(app):
    lines = told(app, ENTRIES, until="2026-01-11T00:00:00+09:00")["results"]

    assert short(lines) == [("expiry", -200, 500), ("compensation", 700, 700)]
    assert {line["kind"] for line in lines} == {"transfer"}


def test_lines_up_to_a_moment_leave_out_a_later_one_with_an_earlier_number(saver, app):
    move(saver, 50, moment(1, 5))

    lines = told(app, ENTRIES, until="2026-01-11T00:00:00+09:00")["results"]
    assert short(lines) == [
        ("compensation", 50, 550),
        ("expiry", -200, 500),
        ("compensation", 700, 700),
    ]


def test_lines_up_to_a_moment_run_on_across_pages(app):
    until = "2026-01-11T00:00:00+09:00"
    first = told(app, ENTRIES, until=until, per_page=1)
    second = app.get(first["next"]).json()

    assert short(first["results"] + second["results"]) == [
        ("expiry", -200, 500),
        ("compensation", 700, 700),
    ]


@pytest.fixture
def older(walker):
    """Points before, between and after two changes of the rule, and a long silence since."""
    for year, month, day, amount in [
        (2025, 3, 1, 100), (2025, 3, 21, 200), (2025, 11, 30, 300), (2026, 1, 5, 400),
    ]:  # fmt: skip
        move(walker, amount, moment(month, day).replace(year=year))
    return app_of(walker, language="en")


def test_the_day_a_rule_changed_stands_between_the_lines(older):
    lines = told(older, ENTRIES)["results"]

    assert short(lines) == [
        ("compensation", 400, 1_000),
        ("rule_change", 0, 600),
        ("compensation", 300, 600),
        ("compensation", 200, 300),
        ("rule_change", 0, 100),
        ("compensation", 100, 100),
    ]
    assert lines[4] == {
        "id": "rule:2025-03-21",
        "kind": "rule_change",
        "at": "2025-03-21T00:00:00+09:00",
        "date": "2025-03-21",
        "amount": 0,
        "balance": 100,
        "reason": "rule_change",
        "message": "From 3/21/2025: limit of points 170,000 a year → 100,000 a year.",
    }


def test_each_change_stands_on_one_page_only(older):
    found, address = [], f"{ENTRIES}?per_page=1"
    while address:
        page = older.get(address).json()
        found += page["results"]
        address = page["next"]

    assert [line["id"] for line in found if line["kind"] == "rule_change"] == [
        "rule:2025-12-01",
        "rule:2025-03-21",
    ]
    assert found == told(older, ENTRIES)["results"]


def test_a_change_after_the_last_movement_stands_on_top(walker):
    move(walker, 100, moment(11, 1).replace(year=2025))
    lines = told(app_of(walker), ENTRIES)["results"]

    assert lines[0]["id"] == "rule:2025-12-01"
    before = told(app_of(walker), ENTRIES, until="2025-11-20T00:00:00+09:00")["results"]
    assert [line["kind"] for line in before] == ["transfer"]


def test_somebody_who_did_not_take_part_then_reads_nothing_of_a_change(make_participant):
    person = make_participant()
    move(person, 100, moment(11, 1).replace(year=2025))

    assert [line["kind"] for line in told(app_of(person), ENTRIES)["results"]] == ["transfer"]


def test_a_statement_adds_up(app):
    asked = {"from": "2026-01-10", "to": "2026-01-31"}
    statement = told(app, STATEMENT, **asked)

    assert (statement["from"], statement["to"]) == ("2026-01-10", "2026-01-31")
    assert (statement["opening"], statement["closing"]) == (700, 900)
    assert (statement["came_in"], statement["went_out"]) == (400, 200)
    assert (statement["final"], statement["is_cut"]) == (True, False)
    assert statement["as_of"] == "2026-01-31T23:59:59.999999+09:00"
    assert short(statement["lines"]) == [("expiry", -200, 500), ("compensation", 400, 900)]


def test_a_statement_that_reaches_today_is_as_of_now(app):
    statement = told(app, STATEMENT)

    assert (statement["from"], statement["to"]) == ("2026-08-24", "2026-11-23")
    assert statement["as_of"] == clock.now().astimezone(clock.KST).isoformat()
    assert (statement["opening"], statement["closing"], statement["lines"]) == (900, 900, [])
    assert statement["final"] is False


def test_a_statement_names_the_change_of_the_rule(older):
    statement = told(older, STATEMENT, **{"from": "2025-11-01", "to": "2025-12-31"})

    assert short(statement["lines"]) == [("compensation", 300, 600), ("rule_change", 0, 600)]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-02-01", "2026-01-31", "from"),
        ("2025-01-01", "2026-01-31", "from"),
        ("2026-02-30", "2026-03-31", "from"),
        ("2026-11-01", "2026-11-24", "to"),
    ],
    ids=["backwards", "too long", "no such day", "future"],
)
@pytest.mark.parametrize("address", [STATEMENT, FILE], ids=["json", "pdf"])
def test_a_span_that_is_none_is_refused(app, address, first, last, field):
    answer = app.get(address, {"from": first, "to": last})

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


def test_somebody_without_a_purse_has_an_empty_statement(make_participant):
    newcomer = app_of(make_participant())
    statement = told(newcomer, STATEMENT)

    assert (statement["opening"], statement["closing"], statement["lines"]) == (0, 0, [])
    assert told(newcomer, POINTS, as_of="2026-01-01T00:00:00Z")["balance"] == 0
    assert newcomer.get(FILE).status_code == 200


@pytest.mark.parametrize("address", [STATEMENT, FILE])
def test_a_statement_is_for_who_has_signed_in(db, client, address):
    assert client.get(address).status_code == 401


def words_of(answer):
    pages = PdfReader(io.BytesIO(answer.content)).pages
    return "\n".join(page.extract_text() for page in pages)


def test_a_statement_can_be_printed_in_korean(saver):
    answer = app_of(saver).get(
        FILE, {"from": "2026-01-01", "to": "2026-01-31"}, headers={"Accept": "application/pdf"}
    )

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "points-20260101-20260131.pdf" in answer.headers["Content-Disposition"]
    text = words_of(answer)
    assert saver.number in text
    assert "김걷기" in text
    assert "-200" in text
    assert "+700" in text


def test_what_a_statement_costs_does_not_grow_with_its_lines(
    saver, app, django_assert_max_num_queries
):
    for day in range(1, 20):
        move(saver, 1, moment(3, day))
    asked = {"from": "2026-01-01", "to": "2026-03-31"}
    with django_assert_max_num_queries(12):
        told(app, STATEMENT, **asked)
    with django_assert_max_num_queries(10):
        told(app, ENTRIES)
    with django_assert_max_num_queries(10):
        told(app, POINTS, as_of="2026-03-10T09:00:00Z")
