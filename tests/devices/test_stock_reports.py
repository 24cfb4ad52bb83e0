"""What a site's machine may say of its stock, and what becomes of what it may not."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from devices.errors import StillWrong
from devices.models import QuarantinedReport, StockReport, Window, WindowStock
from devices.services import stock_reports
from devices.services.keys import issue_site_key, revoke_key
from devices.services.stock_reports import dismiss, replay
from devices.tasks import drop_old_stock_reports
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.devices.sites import TEN, key_of, make_feed, make_open_site, said, tell

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_ten():
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller


@pytest.fixture
def site(at_ten):
    make_feed()
    return make_open_site()


@pytest.fixture
def post(site):
    secret = key_of(site)

    def send(body, *, to=site, key=secret, **options):
        return Client().post(
            f"/api/v1/sites/{to.public_id}/stock/",
            body,
            content_type=options.pop("content_type", "application/json"),
            headers={"X-Site-Key": key} if key else {},
            **options,
        )

    return send


def body(**told):
    return {"window": "1", "model": "band-3", "quantity": 50, "observed_at": said(0)} | told


def words():
    return list(WindowStock.objects.order_by("window__code").values_list("quantity", "observed_at"))


def test_one_step_is_enough(post):
    answer = post(body())

    assert (answer.status_code, answer.json()) == (
        201,
        {
            "window": "1",
            "model": "band-3",
            "quantity": 50,
            "stopped": False,
            "observed_at": "2026-07-08T10:00:00+09:00",
            "received_at": "2026-07-08T10:00:00+09:00",
        },
    )
    assert Client().get("/api/v1/stock/").json()["results"][0]["level"] == "some"


def test_the_same_report_again_changes_nothing(post):
    first = post(body())
    again = post(body())

    assert (again.status_code, again.json()) == (200, first.json())
    assert StockReport.objects.count() == 1


def test_a_late_report_never_replaces_a_newer_one(post):
    post(body(quantity=10, observed_at=said(1)))
    late = post(body(quantity=90, observed_at=said(5)))

    assert late.status_code == 201
    assert words() == [(10, TEN - timedelta(minutes=1))]
    assert StockReport.objects.count() == 2


def test_a_window_is_filled_up_when_it_has_more_than_before(post):
    post(body(quantity=10, observed_at=said(9)))
    post(body(quantity=60, observed_at=said(6)))
    post(body(quantity=55, observed_at=said(3)))

    assert WindowStock.objects.get().stocked_at == TEN - timedelta(minutes=6)


def test_a_clock_that_runs_a_little_fast_is_taken_as_now(post):
    assert post(body(observed_at=said(-2))).status_code == 201
    assert words() == [(50, TEN)]


@pytest.mark.parametrize(
    ("told", "status", "reason"),
    [
        ({"quantity": -1}, 400, "negative"),
        ({"quantity": "50"}, 400, "not_a_number"),
        ({"quantity": "９９"}, 400, "not_a_number"),
        ({"quantity": 50.0}, 400, "not_a_number"),
        ({"quantity": True}, 400, "not_a_number"),
        ({"quantity": [1]}, 400, "not_a_number"),
        ({"quantity": "많음"}, 400, "not_a_number"),
        ({"quantity": None}, 400, "missing"),
        ({"quantity": 100_001}, 400, "too_many"),
        ({"window": "9"}, 422, "unknown_window"),
        ({"window": 1}, 422, "unknown_window"),
        ({"window": {"a": 1}}, 422, "unknown_window"),
        ({"window": ""}, 400, "missing"),
        ({"model": "nosuch"}, 422, "unknown_model"),
        ({"model": ["band-3"]}, 422, "unknown_model"),
        ({"observed_at": "2026-07-08T10:02:01+09:00"}, 422, "future"),
        ({"observed_at": "2099-01-01T00:00:00Z"}, 422, "future"),
        ({"observed_at": "2026-07-01T09:59:59+09:00"}, 422, "too_old"),
        ({"observed_at": "2026-07-08T10:00:00"}, 400, "not_a_moment"),
        ({"observed_at": "2026-07-08 10:00"}, 400, "not_a_moment"),
        ({"observed_at": "２０２６-07-08T10:00:00+09:00"}, 400, "not_a_moment"),
        ({"observed_at": "2026-02-30T10:00:00+09:00"}, 400, "not_a_moment"),
        ({"observed_at": 1783472400}, 400, "not_a_moment"),
        ({"observed_at": "0001-01-01T00:00:00+09:00"}, 400, "not_a_moment"),
    ],
)
def test_a_row_nobody_should_believe_goes_into_quarantine(post, site, told, status, reason):
    answer = post(body(**told))

    assert (answer.status_code, answer.json()["code"]) == (status, reason)
    row = QuarantinedReport.objects.get()
    assert (row.site, row.reason, row.status) == (site, reason, "waiting")
    assert StockReport.objects.count() == WindowStock.objects.count() == 0


def test_two_quantities_for_one_moment_contradict_each_other(post):
    post(body(quantity=50))
    answer = post(body(quantity=51))

    assert (answer.status_code, answer.json()["code"]) == (422, "contradicts")
    assert words() == [(50, TEN)]


def test_a_window_out_of_use_is_unknown(post, site):
    Window.objects.filter(site=site, code="1").update(is_active=False)

    assert post(body()).json()["code"] == "unknown_window"


def test_what_is_quarantined_is_kept_as_it_came_but_no_longer(post):
    post(body(quantity="많" * 500, window="<script>"))

    row = QuarantinedReport.objects.get()
    assert (row.window, row.quantity) == ("<script>", "많" * 60)


@pytest.mark.parametrize(
    ("sent", "options", "status"),
    [
        ("[]", {}, 400),
        ("null", {}, 400),
        ('"text"', {}, 400),
        ("{", {}, 400),
        ('{"window": "1", "window": "2"}', {}, 400),
        ('{"quantity": NaN}', {}, 400),
        ('{"window": "\\u0000"}', {}, 400),
        ('{"stopped": "yes"}', {}, 400),
        ("window=1", {"content_type": "application/x-www-form-urlencoded"}, 415),
    ],
    ids=["list", "null", "text", "half", "twice", "nan", "nul", "flag", "form"],
)
def test_what_is_no_report_at_all_is_refused_and_not_kept(post, sent, options, status):
    assert post(sent, **options).status_code == status
    assert QuarantinedReport.objects.count() == 0


@pytest.mark.parametrize("key", ["", "sk_wrong", "한글" * 3])
def test_nobody_tells_without_a_key(site, key):
    answer = Client().post(
        f"/api/v1/sites/{site.public_id}/stock/",
        body(),
        content_type="application/json",
        HTTP_X_SITE_KEY=key,
    )

    assert answer.status_code == 401
    assert StockReport.objects.count() == 0


def test_a_key_tells_of_its_own_site_only(post, site):
    other = make_open_site("other")

    assert post(body(), to=other).status_code == 404
    assert StockReport.objects.count() == QuarantinedReport.objects.count() == 0


def test_a_revoked_key_tells_nothing(site):
    key, secret = issue_site_key(site, name="단말", by=JOB)
    revoke_key(key, by=JOB)
    answer = Client().post(
        f"/api/v1/sites/{site.public_id}/stock/",
        body(),
        content_type="application/json",
        headers={"X-Site-Key": secret},
    )

    assert answer.status_code == 401


def test_a_key_has_a_limit(site, post):
    _key, secret = issue_site_key(site, name="단말", per_minute=1, by=JOB)

    codes = [post(body(quantity=50), key=secret).status_code for _ in range(2)]

    assert codes == [201, 429]


def test_a_key_is_kept_as_a_hash_and_its_use_to_the_minute(site, post, django_assert_num_queries):
    key, secret = issue_site_key(site, name="단말", by=JOB)

    assert secret.encode() not in bytes(key.digest)
    post(body(), key=secret)
    key.refresh_from_db()
    assert key.last_seen_at == clock.now()


def quarantined(post, **told):
    post(body(**told))
    return QuarantinedReport.objects.get()


def test_a_corrected_report_is_replayed_once(post, site):
    row = quarantined(post, quantity=-1)
    told = {
        "window": "1",
        "model": "band-3",
        "quantity": 7,
        "observed_at": TEN,
        "stopped": False,
    }

    report = replay(row, told=told, by=JOB)

    row.refresh_from_db()
    assert (row.status, row.quantity, row.report) == ("replayed", "-1", report)
    assert words() == [(7, TEN)]
    with pytest.raises(IllegalMove):
        replay(QuarantinedReport.objects.get(), told=told, by=JOB)
    assert AuditEvent.objects.filter(verb="replayed").count() == 1


def test_a_report_is_replayed_as_it_came_once_its_window_is_known(post, site):
    row = quarantined(post, window="3")
    Window.objects.create(site=site, code="3", name="3번 창구")

    replay(row, by=JOB)

    assert words() == [(50, TEN)]


def test_a_report_that_is_still_wrong_stays_in_quarantine(post):
    row = quarantined(post, quantity="많음")

    with pytest.raises(StillWrong):
        replay(row, by=JOB)

    assert QuarantinedReport.objects.get().status == "waiting"
    assert StockReport.objects.count() == 0


def test_a_replayed_report_never_replaces_a_newer_one(post, at_ten, site):
    row = quarantined(post, window="3")
    Window.objects.create(site=site, code="3", name="3번 창구")
    at_ten.shift(timedelta(minutes=5))
    tell(site, 12, window="3")

    replay(row, by=JOB)

    assert words() == [(12, TEN + timedelta(minutes=5))]


def test_a_dismissed_report_stays_out(post):
    row = quarantined(post, quantity=-1)

    dismiss(row, why="시험 전송", by=JOB)

    with pytest.raises(IllegalMove):
        replay(QuarantinedReport.objects.get(), by=JOB)
    assert StockReport.objects.count() == 0


def test_old_reports_are_dropped_part_by_part_and_the_newest_word_stays(
    post, at_ten, settings, monkeypatch
):
    monkeypatch.setattr(stock_reports, "DROPPED_AT_ONCE", 1)
    post(body(observed_at=said(2), quantity=9))
    post(body(observed_at=said(1), quantity=8))
    post(body(quantity=-1))
    dismiss(QuarantinedReport.objects.get(), why="Typed wrong", by=JOB)
    before = words()

    assert stock_reports.drop_old_reports() == 0
    at_ten.shift(timedelta(days=settings.STOCK_REPORT_KEEP_DAYS + 1))
    drop_old_stock_reports()

    assert not StockReport.objects.exists()
    assert not QuarantinedReport.objects.exists()
    assert words() == before


def test_a_row_that_still_waits_in_quarantine_is_never_dropped(post, at_ten, settings):
    post(body(quantity=-1))
    at_ten.shift(timedelta(days=settings.STOCK_REPORT_KEEP_DAYS + 1))

    drop_old_stock_reports()

    assert QuarantinedReport.objects.get().status == "waiting"
