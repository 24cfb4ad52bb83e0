"""Keys, feeds and quarantine in the admin."""

import pytest
from django.urls import reverse

from devices.errors import UnreadableReport
from devices.models import ConsumerKey, QuarantinedReport, SiteKey, StockFeed, StockReport
from devices.services.keys import issue_consumer_key, issue_site_key
from seoul_health.core import clock, crypto
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.devices.sites import make_feed, make_open_site, tell


@pytest.fixture
def site(db):
    make_feed()
    return make_open_site()


@pytest.fixture
def officer(client_of, site):
    return client_of("device_officer")


def page(model, verb, *args):
    return reverse(f"admin:devices_{model}_{verb}", args=args)


def test_a_site_key_is_shown_once(officer, site):
    answer = officer.post(
        page("sitekey", "add"), {"site": site.pk, "name": "창구 단말", "per_minute": 60}
    )

    key = SiteKey.objects.get()
    secret = answer.context["secret"]
    assert bytes(key.digest) == crypto.digest(secret)
    assert answer["Cache-Control"].startswith("no-store")
    assert secret not in officer.get(page("sitekey", "change", key.pk)).content.decode()
    assert secret not in officer.get(page("sitekey", "changelist")).content.decode()
    assert AuditEvent.objects.filter(verb="key_issued").count() == 1


def test_a_consumer_key_is_shown_once(officer):
    answer = officer.post(
        page("consumerkey", "add"),
        {
            "organisation": "굿앱",
            "purpose": "지도",
            "per_minute": 60,
        },
    )

    assert bytes(ConsumerKey.objects.get().digest) == crypto.digest(answer.context["secret"])


def test_keys_are_revoked_once(officer, site):
    for key in (
        issue_site_key(site, name="단말", by=JOB)[0],
        issue_consumer_key(organisation="굿앱", purpose="지도", by=JOB)[0],
    ):
        act = page(key._meta.model_name, "act", key.pk, "revoke")
        officer.post(act)
        officer.post(act)

        key.refresh_from_db()
        assert key.revoked_at is not None
    assert AuditEvent.objects.filter(verb="key_revoked").count() == 2


def aside(site):
    with pytest.raises(UnreadableReport):
        tell(site, -1)
    return QuarantinedReport.objects.get()


def test_a_quarantined_report_is_corrected_by_hand(officer, site):
    row = aside(site)
    act = page("quarantinedreport", "act", row.pk, "correct")
    assert officer.get(act).context["form"].initial["window"] == "1"

    officer.post(
        act,
        {
            "window": "1",
            "model": "band-3",
            "quantity": "1",
            "observed_at": f"{clock.now().astimezone(clock.KST):%Y-%m-%d %H:%M:%S}",
        },
    )

    row.refresh_from_db()
    assert (row.status, StockReport.objects.get().quantity) == ("replayed", 1)


def test_a_correction_that_is_still_wrong_changes_nothing(officer, site):
    row = aside(site)

    officer.post(
        page("quarantinedreport", "act", row.pk, "correct"),
        {"window": "9", "model": "band-3", "quantity": "1", "observed_at": "2026-01-01 10:00"},
    )

    row.refresh_from_db()
    assert (row.status, StockReport.objects.count()) == ("waiting", 0)


def test_reports_are_replayed_and_left_out_by_those_who_may(client_of, officer, site):
    row = aside(site)
    act = page("quarantinedreport", "act", row.pk, "dismiss")
    assert client_of("auditor").post(act, {"why": "시험"}).status_code == 403

    officer.post(act, {"why": "시험 전송"})

    row.refresh_from_db()
    assert row.status == "dismissed"


def test_many_are_replayed_as_they_came(officer, site):
    row = aside(site)
    QuarantinedReport.objects.filter(pk=row.pk).update(quantity="7")

    officer.post(
        page("quarantinedreport", "changelist"),
        {"action": "replay_all", "_selected_action": [row.pk]},
    )

    assert StockReport.objects.get().quantity == 7


@pytest.mark.parametrize(
    "model",
    [
        "site",
        "stockfeed",
        "stockreport",
        "quarantinedreport",
        "sitekey",
        "consumerkey",
        "feednotice",
    ],
)
def test_lists_cost_the_same_for_many_rows(officer, site, model, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        assert officer.get(page(model, "changelist")).status_code == 200


def test_levels_of_a_feed_must_ascend(officer, site):
    feed = StockFeed.objects.get()

    answer = officer.post(
        page("stockfeed", "change", feed.pk),
        {"plenty_from": 10, "some_from": 30, "few_from": 2, "stale_minutes": 15},
    )

    assert answer.status_code == 200
    assert StockFeed.objects.get().plenty_from == 100


def test_a_site_opens_with_its_windows_and_hours(officer, site):
    shown = officer.get(page("site", "change", site.pk)).content.decode()

    assert "1번 창구" in shown
    assert "09:00" in shown
