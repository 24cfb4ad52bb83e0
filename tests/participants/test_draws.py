from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction

from participants.errors import (
    AlreadyFrozen,
    ApplicationsUndecided,
    DrawNotReady,
    NoQuotaChosen,
    NotALottery,
    OnePersonTwice,
    RosterChanged,
    RoundNotClosed,
    SeedMisspelt,
    SeedNotKnownYet,
    SeedsDiffer,
    SeedTooSoon,
)
from participants.models import Application, Draw, DrawPot, Lane, Offer
from participants.rules.draw import draw_order
from participants.services import applications, draw_results, draws, rounds
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.participants.drawing import (
    SEED,
    SOURCE,
    drawn,
    frozen,
    lottery_lane,
    lottery_lanes,
    on_the_day,
    seeded,
    statuses,
)
from tests.participants.recruiting import approved, open_lane, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(make_participant):
    return [make_participant(is_resident=True) for _ in range(6)]


@pytest.fixture
def lane(people):
    return lottery_lane(people)


@pytest.fixture
def kim(make_staff):
    return make_staff("recruitment_officer", username="kim")


@pytest.fixture
def lee(make_staff):
    return make_staff("recruitment_officer", username="lee")


def ids(lane):
    rows = Application.objects.filter(lane=lane)
    return sorted(str(one) for one in rows.values_list("public_id", flat=True))


# --- freezing


def test_the_roster_is_all_who_were_approved(lane, people, kim):
    draw = frozen(lane, by=kim)

    pot = DrawPot.objects.get()
    assert [str(one) for one in pot.roster] == ids(lane)
    assert (pot.code, pot.seats, pot.spill_order, pot.applied) == ("general", 2, 0, 6)
    assert (draw.status, draw.roster_count, len(draw.roster_sha256)) == ("frozen", 6, 64)
    event = AuditEvent.objects.get(verb="frozen")
    assert (event.actor, event.detail["roster_sha256"]) == ("staff:kim", draw.roster_sha256)


def test_the_hash_is_of_the_documented_text(lane):
    from hashlib import sha256

    draw = frozen(lane)
    text = (
        f"seoul-health-draw/1\nround {lane.round.code}\nlane own_device\n"
        f"seed_source {SOURCE}\nseed_form lotto\nseed_due_on {draw.seed_due_on.isoformat()}\n"
        "quota general 2 0\napplications 6\n"
    ) + "".join(f"{one} general\n" for one in ids(lane))
    assert draw.roster_sha256 == sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("verb", ["submit", "review", "hold"])
def test_nobody_may_be_left_undecided(people, verb):
    lane = open_lane(method=Lane.Method.LOTTERY)
    approved(people[0], lane)
    application = submitted(people[1], lane)
    if verb == "review":
        applications.start_review(application, by=JOB)
    if verb == "hold":
        applications.start_review(application, by=JOB)
        applications.hold(application, by=JOB, reason="서류를 기다립니다.")
    rounds.close_round(lane.round, by=JOB)

    with pytest.raises(ApplicationsUndecided) as refusal:
        frozen(lane)

    assert refusal.value.params == {"count": 1}
    assert not Draw.objects.exists()
    applications.reject(application, by=JOB, reason="서류가 없습니다.")
    assert frozen(lane).roster_count == 1


def test_an_open_round_is_not_frozen(people):
    lane = open_lane(method=Lane.Method.LOTTERY)
    with pytest.raises(RoundNotClosed):
        frozen(lane)
    assert not Draw.objects.exists()


def test_a_lane_served_in_order_is_not_drawn():
    lane = open_lane()
    rounds.close_round(lane.round, by=JOB)
    with pytest.raises(NotALottery):
        frozen(lane)


def test_a_seed_already_known_is_refused(lane):
    with pytest.raises(SeedTooSoon):
        draws.freeze(lane, seed_source=SOURCE, seed_form="lotto", seed_due_on=clock.today(), by=JOB)
    assert not Draw.objects.exists()


def test_an_approved_application_without_a_quota_stops_the_freeze(lane, people):
    Application.objects.filter(participant=people[0]).update(quota=None)
    with pytest.raises(NoQuotaChosen):
        frozen(lane)
    assert not Draw.objects.exists()


def test_a_lane_is_frozen_once(lane):
    frozen(lane)
    with pytest.raises(AlreadyFrozen):
        frozen(lane)
    assert Draw.objects.count() == DrawPot.objects.count() == 1


def test_a_lane_without_applicants_can_be_drawn(kim, lee):
    draw = drawn(frozen(lottery_lane([])), kim, lee)
    draws.publish(draw, by=kim)
    draw_results.carry_out(draw, by=JOB)
    assert (draw.roster_count, DrawPot.objects.get().ranked) == (0, [])


# --- the seed


def test_a_seed_takes_two_people(lane, kim, lee):
    draw = seeded(frozen(lane), kim, lee)

    assert (draw.status, draw.seed) == ("seeded", SEED)
    assert (draw.first_seed_by, draw.second_seed_by) == (kim, lee)


def test_one_person_cannot_enter_both(lane, kim):
    draw = frozen(lane)
    with on_the_day(draw):
        draws.enter_seed(draw, SEED, by=kim)
        with pytest.raises(OnePersonTwice):
            draws.enter_seed(draw, SEED, by=kim)
    assert Draw.objects.get().status == "frozen"


def test_the_database_knows_it_too(lane, kim):
    frozen(lane)
    twice = {"status": "seeded", "seed": SEED, "first_seed_by": kim, "second_seed_by": kim}
    with pytest.raises(IntegrityError, match="a_seed_takes_two_people"):
        Draw.objects.update(**twice)


def test_a_second_entry_that_differs_is_recorded_and_changes_nothing(lane, kim, lee):
    draw = frozen(lane)
    with on_the_day(draw):
        draws.enter_seed(draw, SEED, by=kim)
        with pytest.raises(SeedsDiffer):
            draws.enter_seed(draw, "03 11 19 27 33 44", by=lee)

    kept = Draw.objects.get()
    assert (kept.status, kept.seed, kept.second_seed_by) == ("frozen", "", None)
    event = AuditEvent.objects.get(verb="seed_differed")
    assert (event.actor, "44" in str(event.detail)) == ("staff:lee", False)


def test_the_first_person_may_correct_the_entry(lane, kim, lee):
    draw = frozen(lane)
    with on_the_day(draw):
        draws.enter_seed(draw, "03 11 19 27 33 44", by=kim)
        draws.enter_seed(draw, f"  {SEED}\n", by=kim)
        draws.enter_seed(draw, SEED, by=lee)
    assert draw.seed == SEED
    assert AuditEvent.objects.filter(verb="seed_retyped").count() == 1


def test_the_first_entry_is_not_readable_in_the_database(lane, kim):
    draw = frozen(lane)
    with on_the_day(draw):
        draws.enter_seed(draw, SEED, by=kim)
    with connection.cursor() as cursor:
        cursor.execute("SELECT first_seed FROM participants_draw")
        assert SEED.encode() not in bytes(cursor.fetchone()[0])


def test_a_seed_is_not_taken_before_its_day(lane, kim):
    draw = frozen(lane)
    with pytest.raises(SeedNotKnownYet):
        draws.enter_seed(draw, SEED, by=kim)
    assert Draw.objects.get().first_seed_by is None


def test_a_seed_has_the_announced_form(lane, kim):
    draw = frozen(lane)
    with on_the_day(draw), pytest.raises(SeedMisspelt):
        draws.enter_seed(draw, "3,11,19,27,33,45", by=kim)
    assert Draw.objects.get().first_seed_by is None


def test_no_third_entry_changes_the_seed(lane, kim, lee):
    draw = seeded(frozen(lane), kim, lee)
    with on_the_day(draw), pytest.raises(DrawNotReady):
        draws.enter_seed(draw, "01 02 03 04 05 06", by=kim)
    assert Draw.objects.get().seed == SEED


# --- drawing


def test_ranks_follow_the_published_formula(lane, kim, lee):
    drawn(frozen(lane), kim, lee)
    ranked = [str(one) for one in DrawPot.objects.get().ranked]
    assert ranked == draw_order(SEED, ids(lane))


def test_drawing_tells_nobody_yet(lane, kim, lee):
    drawn(frozen(lane), kim, lee)
    assert set(statuses(lane).values()) == {"approved"}


def test_nothing_is_drawn_without_a_seed(lane, kim):
    draw = frozen(lane)
    with pytest.raises(DrawNotReady):
        draws.draw_lots(draw, by=kim)
    assert DrawPot.objects.get().ranked is None


def test_a_lane_is_never_drawn_twice(lane, kim, lee):
    draw = drawn(frozen(lane), kim, lee)
    before = DrawPot.objects.get().ranked
    with pytest.raises(DrawNotReady):
        draws.draw_lots(draw, by=kim)
    assert DrawPot.objects.get().ranked == before
    assert AuditEvent.objects.filter(verb="drawn").count() == 1


def test_a_roster_that_was_changed_behind_the_triggers_is_not_drawn(lane, kim, lee):
    draw = seeded(frozen(lane), kim, lee)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE participants_drawpot DISABLE TRIGGER USER")
        cursor.execute("UPDATE participants_drawpot SET seats = 3")
        cursor.execute("ALTER TABLE participants_drawpot ENABLE TRIGGER USER")
    with pytest.raises(RosterChanged):
        draws.draw_lots(draw, by=kim)
    assert (Draw.objects.get().status, DrawPot.objects.get().ranked) == ("seeded", None)


TAMPERED = {
    "roster": "UPDATE participants_drawpot SET roster = roster[2:]",
    "seats": "UPDATE participants_drawpot SET seats = 9",
    "spill order": "UPDATE participants_drawpot SET spill_order = 9",
    "ranks": "UPDATE participants_drawpot SET ranked = roster",
    "no ranks": "UPDATE participants_drawpot SET ranked = NULL",
    "pot": "DELETE FROM participants_drawpot",
    "hash": "UPDATE participants_draw SET roster_sha256 = ''",
    "source": "UPDATE participants_draw SET seed_source = '다른 추첨'",
    "seed": "UPDATE participants_draw SET seed = '01 02 03 04 05 06'",
    "who": "UPDATE participants_draw SET second_seed_by_id = NULL",
    "result": "UPDATE participants_draw SET result_sha256 = 'x'",
    "draw": "DELETE FROM participants_draw",
    "new pot": 'INSERT INTO participants_drawpot (draw_id, quota_id, code, "group", value, seats,'
    " spill_order, applied, roster) SELECT draw_id, quota_id, 'x', 'general', '', 1, 1, 0, '{}'"
    " FROM participants_drawpot",
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED)
def test_the_database_lets_nobody_change_a_draw(lane, kim, lee, change):
    drawn(frozen(lane), kim, lee)
    with (
        pytest.raises(DatabaseError, match=r"pgtrigger: Cannot|is frozen"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


@pytest.mark.parametrize("to", ["frozen", "seeded"])
def test_no_step_goes_back(lane, kim, lee, to):
    draw = drawn(frozen(lane), kim, lee)
    with pytest.raises(IllegalMove):
        draw.move(to, by=kim)


# --- carrying out


def carried_out(lane, kim, lee):
    draw = drawn(frozen(lane), kim, lee)
    draws.publish(draw, by=kim)
    draw_results.carry_out(draw, by=JOB)
    return draw


def test_the_first_ranks_are_selected_and_the_rest_wait_in_order(lane, kim, lee):
    carried_out(lane, kim, lee)

    order = draw_order(SEED, ids(lane))
    rows = {str(one.public_id): one for one in Application.objects.all()}
    told = [(rows[one].status, rows[one].seat_no, rows[one].rank) for one in order]
    assert told == [("selected", 1, None), ("selected", 2, None)] + [
        ("waitlisted", None, number) for number in range(1, 5)
    ]
    assert AuditEvent.objects.filter(verb="selected").count() == 2
    assert AuditEvent.objects.filter(verb="waitlisted").count() == 4
    assert Offer.objects.count() == 2


def test_seats_left_spill_over_in_the_announced_order(make_participant, kim, lee):
    crowd = [make_participant(is_resident=True) for _ in range(9)]
    lane = lottery_lane(
        crowd[:4],
        seats=1,
        others=[("b", 4, 1, crowd[4:5]), ("c", 1, 2, crowd[5:9])],
    )
    carried_out(lane, kim, lee)

    held = Application.objects.filter(status="selected").order_by("quota__code", "rank")
    found = sorted((one.quota.code, one.seat.code, one.seat_no) for one in held)
    assert found == [
        ("b", "b", 1), ("c", "c", 1), ("general", "b", 2), ("general", "b", 3), ("general", "b", 4),
        ("general", "general", 1),
    ]  # fmt: skip
    waiting = Application.objects.filter(status="waitlisted").order_by("rank")
    assert [(one.quota.code, one.rank) for one in waiting] == [("c", 1), ("c", 2), ("c", 3)]


def test_who_withdrew_since_keeps_the_rank_but_passes_the_seat_on(lane, kim, lee):
    draw = drawn(frozen(lane), kim, lee)
    order = draw_order(SEED, ids(lane))
    gone = Application.objects.get(public_id=order[0])
    applications.withdraw(gone, by=gone.participant)
    draws.publish(draw, by=kim)
    draw_results.carry_out(draw, by=JOB)

    rows = {str(one.public_id): one for one in Application.objects.all()}
    assert [rows[one].status for one in order[:4]] == [
        "withdrawn", "selected", "selected", "waitlisted",
    ]  # fmt: skip
    assert rows[order[2]].seat_no == 1
    assert [str(one) for one in DrawPot.objects.get().ranked] == order


def test_the_seat_of_who_withdrew_goes_to_another_quota_when_nobody_waits(
    make_participant, kim, lee
):
    crowd = [make_participant(is_resident=True) for _ in range(4)]
    lane = lottery_lane(crowd[:3], seats=1, others=[("b", 1, 1, crowd[3:])])
    draw = drawn(frozen(lane), kim, lee)
    applications.withdraw(Application.objects.get(participant=crowd[3]), by=crowd[3])
    draws.publish(draw, by=kim)
    draw_results.carry_out(draw, by=JOB)

    held = Application.objects.filter(status="selected").order_by("seat__code")
    assert [(one.quota.code, one.seat.code) for one in held] == [
        ("general", "b"), ("general", "general"),
    ]  # fmt: skip


def test_carrying_out_again_changes_nothing(lane, kim, lee):
    draw = carried_out(lane, kim, lee)
    before, events = statuses(lane), AuditEvent.objects.count()

    draw_results.carry_out(draw, by=JOB)
    draw_results.carry_out_published(by=JOB)

    assert statuses(lane) == before
    assert AuditEvent.objects.count() == events


def test_a_half_told_result_is_finished_by_the_sweep(lane, kim, lee, monkeypatch):
    monkeypatch.setattr(draw_results, "BLOCK", 2)
    draw = drawn(frozen(lane), kim, lee)
    draws.publish(draw, by=kim)
    first = next(iter(draw_results.blocks_of(draw)))
    draw_results.give_results(draw, first, by=JOB)
    assert sorted(statuses(lane).values()).count("approved") == 4

    draw_results.carry_out_published(by=JOB)

    assert sorted(statuses(lane).values()) == ["selected"] * 2 + ["waitlisted"] * 4
    assert AuditEvent.objects.filter(verb="selected").count() == 2
    assert Draw.objects.get().applied_at is not None


def test_everybody_is_told_once(lane, kim, lee):
    from participants.models import Notification

    draw = carried_out(lane, kim, lee)
    draw_results.carry_out(draw, by=JOB)
    assert Notification.objects.filter(key__startswith="draw_done:").count() == 6


def test_the_round_is_drawn_when_its_last_lottery_is(people, kim, lee):
    lane, other = lottery_lanes(people)
    carried_out(lane, kim, lee)
    lane.round.refresh_from_db()
    assert lane.round.status == "closed"

    carried_out(other, kim, lee)
    lane.round.refresh_from_db()
    assert lane.round.status == "drawn"


def test_publishing_wakes_the_worker(lane, kim, lee, queued, django_capture_on_commit_callbacks):
    draw = drawn(frozen(lane), kim, lee)
    with django_capture_on_commit_callbacks(execute=True):
        draws.publish(draw, by=kim)
    assert ("participants.carry_out_draw", draw.pk) in queued


def test_a_draw_costs_the_same_for_any_number(lane, kim, lee, django_assert_max_num_queries):
    draw = seeded(frozen(lane), kim, lee)
    with django_assert_max_num_queries(16):
        draws.draw_lots(draw, by=kim)
    draws.publish(draw, by=kim)
    with django_assert_max_num_queries(60):
        draw_results.carry_out(draw, by=JOB)


def test_the_day_of_the_seed_is_a_seoul_day(lane, kim):
    draw = frozen(lane)
    midnight = clock.day_starts(draw.seed_due_on)
    late = time_machine.travel(midnight - timedelta(seconds=1), tick=False)
    with late, pytest.raises(SeedNotKnownYet):
        draws.enter_seed(draw, SEED, by=kim)
    with time_machine.travel(midnight, tick=False):
        draws.enter_seed(draw, SEED, by=kim)
    assert Draw.objects.get().first_seed_by == kim
