"""The lottery as officials run it, button by button."""

from datetime import timedelta

import pytest

from participants.models import Draw
from participants.services import draw_results
from seoul_health.core import clock
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.participants.drawing import SEED, SOURCE, drawn, frozen, lottery_lane, on_the_day

pytestmark = pytest.mark.django_db
LIST = "/admin/participants/draw/"


@pytest.fixture
def lane(make_participant):
    return lottery_lane([make_participant(is_resident=True) for _ in range(3)])


@pytest.fixture
def kim(client_of):
    return client_of("recruitment_officer", username="kim")


@pytest.fixture
def lee(client_of):
    return client_of("recruitment_officer", username="lee")


def freeze(client, lane, **changes):
    terms = {
        "lane": lane.pk,
        "seed_source": SOURCE,
        "seed_form": "lotto",
        "seed_due_on": str(clock.today() + timedelta(days=3)),
    }
    return client.post(f"{LIST}add/", {**terms, **changes})


def press(client, verb, **values):
    # The day of the draw is later than the session lasts.
    client.force_login(client.user, backend="seoul_health.core.roles.RoleBackend")
    draw = Draw.objects.get()
    return client.post(f"{LIST}{draw.pk}/act/{verb}/", values, follow=True)


def test_an_official_runs_a_draw_from_freeze_to_publication(kim, lee, lane):
    assert freeze(kim, lane).status_code == 302
    draw = Draw.objects.get()
    with on_the_day(draw):
        press(kim, "enter_seed", seed=SEED)
        press(lee, "enter_seed", seed=SEED)
        press(kim, "draw_lots")
        press(lee, "publish")
        draw_results.carry_out_published(by=JOB)
    draw.refresh_from_db()
    assert (draw.status, draw.seed, draw.applied_at is not None) == ("published", SEED, True)
    page = kim.get(f"{LIST}{draw.pk}/change/").content.decode()
    assert draw.result_sha256 in page


def test_the_second_person_does_not_see_the_first_entry(kim, lee, lane):
    draw = frozen(lane)
    with on_the_day(draw):
        press(kim, "enter_seed", seed=SEED)
        lee.force_login(lee.user, backend="seoul_health.core.roles.RoleBackend")
        for path in (f"{LIST}{draw.pk}/change/", f"{LIST}{draw.pk}/act/enter_seed/", LIST):
            assert SEED not in lee.get(path).content.decode()


def test_a_differing_entry_is_told_and_kept_on_record(kim, lee, lane):
    draw = frozen(lane)
    with on_the_day(draw):
        press(kim, "enter_seed", seed=SEED)
        page = press(lee, "enter_seed", seed="01 02 03 04 05 06")
    assert 'class="message error"' in page.content.decode()
    assert Draw.objects.get().status == "frozen"
    assert AuditEvent.objects.filter(verb="seed_differed", actor="staff:lee").count() == 1


def test_steps_are_offered_in_their_turn_only(kim, lane):
    draw = frozen(lane)
    page = kim.get(f"{LIST}{draw.pk}/change/").content.decode()
    assert "act/enter_seed/" in page
    assert "act/draw_lots/" not in page
    assert "act/publish/" not in page


def test_pressing_a_step_out_of_turn_changes_nothing(kim, lane):
    frozen(lane)
    press(kim, "draw_lots")
    press(kim, "publish")
    assert Draw.objects.get().status == "frozen"


def test_what_stops_a_freeze_is_said_on_the_form(kim, lane, make_participant):
    page = freeze(kim, lane, seed_due_on=str(clock.today()))
    assert page.status_code == 200
    assert not Draw.objects.exists()


def test_only_closed_lotteries_are_offered_for_a_freeze(kim, lane):
    from tests.participants.recruiting import open_lane

    still_open = open_lane(method="lottery")
    page = freeze(kim, still_open)
    assert page.status_code == 200
    assert not Draw.objects.exists()
    frozen(lane)
    assert freeze(kim, lane).status_code == 200
    assert Draw.objects.count() == 1


@pytest.mark.parametrize("role", ["agent", "device_officer", "auditor", "finance_officer"])
def test_nobody_else_runs_a_draw(client_of, lane, role):
    draw = frozen(lane)
    other = client_of(role)
    assert freeze(other, lane).status_code == 403
    assert press(other, "enter_seed", seed=SEED).status_code == 403 or role in {
        "agent", "device_officer", "finance_officer",
    }  # fmt: skip
    draw.refresh_from_db()
    assert draw.first_seed_by is None


def test_strangers_are_sent_to_the_log_in(client, lane):
    assert freeze(client, lane).status_code == 302
    assert not Draw.objects.exists()


def test_the_list_costs_the_same_for_any_number(
    kim, lane, make_staff, django_assert_max_num_queries
):
    drawn(frozen(lane), make_staff("recruitment_officer"), make_staff("recruitment_officer"))
    with django_assert_max_num_queries(14):
        assert kim.get(LIST).status_code == 200
    with django_assert_max_num_queries(18):
        assert kim.get(f"{LIST}{Draw.objects.get().pk}/change/").status_code == 200
