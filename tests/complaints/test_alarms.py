import uuid
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from PIL import Image
from rest_framework.test import APIClient

from complaints.errors import (
    AlarmOver,
    AlreadyOnTheWay,
    HandOverIncomplete,
    NotYourAlarm,
    TooManyPhotos,
    TripOver,
)
from complaints.models import Alarm, AlarmEntry, AlarmPhoto, Position, Trip
from complaints.rules.positions import Fix, draw, read_fix
from complaints.services import alarms, trips, watch
from seoul_health.core import clock
from seoul_health.core.db import violated
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from seoul_health.core.models import AccessLog
from tests.conftest import JOB

pytestmark = pytest.mark.django_db
POINT = {"lat": 37.5725, "lng": 126.9769, "accuracy": 12}


@pytest.fixture
def app(walker) -> APIClient:
    client = APIClient()
    client.force_authenticate(walker)
    return client


@pytest.fixture
def alarm(walker) -> Alarm:
    fix = Fix(clock.now(), 37.5725, 126.9769, 12)
    return alarms.raise_alarm(walker, by=walker, fixes=[fix], text="골목에 누가 따라옵니다")


def send(app, path, body=None, method="post", **more):
    act = getattr(app, method)
    return act(path, body or {}, headers={"Idempotency-Key": str(uuid.uuid4())}, **more)


def kinds(alarm):
    return list(alarm.entries.order_by("pk").values_list("kind", flat=True))


def picture(colour="red") -> bytes:
    kept = BytesIO()
    Image.new("RGB", (30, 20), colour).save(kept, "PNG")
    return kept.getvalue()


def test_one_button_with_an_empty_body_rings(app, walker):
    answer = send(app, "/api/v1/me/alarms/")

    assert answer.status_code == 201
    assert answer.data["status"] == "ringing"
    assert "112" in answer.data["said"]
    assert Alarm.objects.get().participant == walker


def test_pressed_again_it_is_the_same_alarm_and_knows_the_new_place(app):
    first = send(app, "/api/v1/me/alarms/", {"point": POINT})
    again = send(app, "/api/v1/me/alarms/", {"point": POINT | {"lat": 37.58}})

    assert again.data["id"] == first.data["id"]
    assert kinds(Alarm.objects.get()) == ["raised", "repeated"]
    assert Position.objects.count() == 2


@pytest.mark.parametrize(
    "point",
    [
        {"lat": "37.5", "lng": 127.0},
        {"lat": True, "lng": 127.0},
        {"lat": 95.0, "lng": 127.0},
        {"lat": 127.0, "lng": 37.5},
        {"lat": 37.5},
        {"lat": 37.5, "lng": 127.0, "accuracy": -1},
        {"lat": 37.5, "lng": 127.0, "at": "2020-01-01T00:00:00+09:00"},
        {"lat": 37.5, "lng": 127.0, "at": "2099-01-01T00:00:00+09:00"},
        {"lat": 37.5, "lng": 127.0, "at": "2026-01-01"},
    ],
)
def test_an_impossible_position_is_refused(app, point):
    assert send(app, "/api/v1/me/alarms/", {"point": point}).status_code == 400
    assert not Alarm.objects.exists()


def test_the_database_never_sees_a_position_in_the_clear(alarm):
    with transaction.atomic():
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT point FROM complaints_position")
            kept = bytes(cursor.fetchone()[0])

    assert b"37.57" not in kept
    assert read_fix(clock.now(), Position.objects.get().point).lat == 37.5725


def test_the_caller_reads_that_somebody_is_there(app, alarm, agent):
    alarms.take(alarm, by=agent)

    answer = app.get(f"/api/v1/me/alarms/{alarm.public_id}/")

    assert answer.data["status"] == "taken"
    assert answer.data["taken_at"] is not None


def test_somebody_elses_alarm_does_not_exist(alarm, make_participant):
    stranger = APIClient()
    stranger.force_authenticate(make_participant(phone="010-9999-0000"))

    assert stranger.get(f"/api/v1/me/alarms/{alarm.public_id}/").status_code == 404


def test_being_safe_does_not_silence_the_alarm(app, alarm):
    answer = send(app, f"/api/v1/me/alarms/{alarm.public_id}/", {"is_safe": True}, "patch")

    assert answer.data["status"] == "ringing"
    assert Alarm.objects.get().safe_at is not None
    assert kinds(alarm)[-1] == "safe"


def test_one_takes_it_and_the_second_is_told(alarm, agent, colleague):
    alarms.take(alarm, by=agent)

    with pytest.raises(IllegalMove):
        alarms.take(Alarm.objects.get(), by=colleague)

    assert Alarm.objects.get().taken_by == agent


def test_only_who_has_taken_it_writes_hands_over_and_closes(alarm, agent, colleague):
    alarms.take(alarm, by=agent)

    for act in (
        lambda: alarms.note(alarm, "메모", by=colleague),
        lambda: alarms.hand_over(alarm, organisation="112", number="", text="x", by=colleague),
        lambda: alarms.close(alarm, outcome="safe", text="x", by=colleague),
    ):
        with pytest.raises(NotYourAlarm):
            act()
    assert kinds(alarm) == ["raised", "taken"]


def test_a_colleague_takes_over_with_a_reason(alarm, agent, colleague):
    alarms.take(alarm, by=agent)

    with pytest.raises(ReasonNeeded):
        alarms.take_over(alarm, why=" ", by=colleague)
    alarms.take_over(alarm, why="교대", by=colleague)

    assert Alarm.objects.get().taken_by == colleague
    assert kinds(alarm)[-1] == "taken_over"


def test_the_hand_over_log_names_organisation_number_and_words(alarm, agent):
    alarms.take(alarm, by=agent)
    with pytest.raises(HandOverIncomplete):
        alarms.hand_over(alarm, organisation="경찰 112", number="", text="", by=agent)

    alarms.hand_over(alarm, organisation="경찰 112", number="A-77", text="위치 전달", by=agent)

    kept = AlarmEntry.objects.get(kind="handed_over")
    assert (kept.organisation, kept.reference, kept.text) == ("경찰 112", "A-77", "위치 전달")
    assert Alarm.objects.get().status == "passed_on"


def test_closing_needs_an_outcome_and_how_it_is_known(alarm, agent):
    alarms.take(alarm, by=agent)
    for outcome, text in (("", "통화함"), ("nonsense", "통화함"), ("safe", " ")):
        with pytest.raises(ReasonNeeded):
            alarms.close(alarm, outcome=outcome, text=text, by=agent)
    assert Alarm.objects.get().status == "taken"

    alarms.close(alarm, outcome="safe", text="본인과 통화함", by=agent)

    with pytest.raises(AlarmOver):
        alarms.add_from_caller(alarm, by=alarm.participant, text="또")


def test_nobody_there_escalates_step_by_step_and_each_step_once(alarm):
    for seconds, level in ((10, 0), (31, 1), (32, 1), (61, 2), (300, 3), (400, 3)):
        with time_machine.travel(alarm.raised_at + timedelta(seconds=seconds), tick=False):
            watch.tend_alarms(by=JOB)
        assert Alarm.objects.get().level == level

    assert kinds(alarm) == ["raised", "escalated", "escalated", "escalated"]


def test_what_is_taken_does_not_escalate(alarm, agent):
    alarms.take(alarm, by=agent)

    with time_machine.travel(alarm.raised_at + timedelta(hours=1), tick=False):
        watch.tend_alarms(by=JOB)

    assert Alarm.objects.get().level == 0


def test_whoever_does_not_come_home_is_rung_for_once(walker):
    trip = trips.set_out(walker, destination="집", minutes=20, by=walker)
    late = trip.expected_at + timedelta(minutes=5)

    for moment in (trip.expected_at, late, late + timedelta(seconds=10)):
        with time_machine.travel(moment, tick=False):
            watch.tend_alarms(by=JOB)

    found = Alarm.objects.get()
    assert (found.cause, found.trip) == ("overdue", trip)
    assert Trip.objects.get().status == "overdue"


def test_arriving_ends_the_trip_and_nothing_rings(app):
    trip = send(app, "/api/v1/me/trips/", {"destination": "집", "minutes": 20}).data["id"]
    at = clock.now().isoformat(timespec="seconds")
    sent = send(app, f"/api/v1/me/trips/{trip}/positions/", {"positions": [POINT | {"at": at}] * 2})

    assert (sent.status_code, sent.data) == (202, {"taken": 2})
    assert Position.objects.count() == 1
    assert send(app, f"/api/v1/me/trips/{trip}/arrive/").data["status"] == "arrived"
    assert send(app, f"/api/v1/me/trips/{trip}/arrive/").data["status"] == "arrived"
    refused = send(app, f"/api/v1/me/trips/{trip}/positions/", {"positions": [POINT]})
    assert (refused.status_code, refused.data["code"]) == (409, TripOver.code)
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        watch.tend_alarms(by=JOB)
    assert not Alarm.objects.exists()


def test_a_call_on_the_way_home_shows_the_way(walker, client_of):
    trip = trips.set_out(walker, destination="집", minutes=20, by=walker)
    trips.report(trip, [Fix(clock.now(), 37.57, 126.97)])

    alarm = alarms.raise_alarm(walker, by=walker)

    assert alarm.trip == trip
    page = client_of("agent").get(f"/desk/alarms/{alarm.public_id}/")
    assert len(page.context["drawing"].spots) == 1


def test_arriving_after_all_is_told_and_still_looked_into(app, walker):
    trip = trips.set_out(walker, destination="집", minutes=20, by=walker)
    with time_machine.travel(trip.expected_at + timedelta(minutes=6), tick=False):
        watch.tend_alarms(by=JOB)
        arrived = send(app, f"/api/v1/me/trips/{trip.public_id}/arrive/")

    found = Alarm.objects.get()
    assert (arrived.data["status"], found.status) == ("arrived", "ringing")
    assert found.safe_at is not None
    assert kinds(found) == ["raised", "safe"]


def test_arriving_after_the_alarm_has_ended_is_taken(walker, agent):
    trip = trips.set_out(walker, destination="집", minutes=20, by=walker)
    with time_machine.travel(trip.expected_at + timedelta(minutes=6), tick=False):
        watch.tend_alarms(by=JOB)
        alarm = Alarm.objects.get()
        alarms.take(alarm, by=agent)
        alarms.close(alarm, outcome="safe", text="본인과 통화함", by=agent)
        trips.arrive(trip, by=walker)

    assert Trip.objects.get().status == "arrived"
    assert kinds(alarm) == ["raised", "taken", "closed"]


def test_one_way_home_at_a_time(walker):
    trips.set_out(walker, destination="집", minutes=20, by=walker)

    with pytest.raises(AlreadyOnTheWay):
        trips.set_out(walker, destination="학교", minutes=20, by=walker)


@pytest.mark.parametrize("minutes", [0, 241, "20", None])
def test_a_trip_takes_a_reasonable_time(app, minutes):
    answer = send(app, "/api/v1/me/trips/", {"destination": "집", "minutes": minutes})

    assert answer.status_code == 400
    assert not Trip.objects.exists()


def test_a_photo_is_drawn_anew_and_kept_once(app, alarm, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    path = f"/api/v1/me/alarms/{alarm.public_id}/photos/"

    for _time in range(2):
        sent = SimpleUploadedFile("a.png", picture(), content_type="image/png")
        answer = send(app, path, {"file": sent}, format="multipart")
        assert answer.status_code == 201

    assert AlarmPhoto.objects.count() == 1


def test_ten_photos_are_enough(alarm, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    for shade in range(alarms.MOST_PHOTOS):
        alarms.add_photo(alarm, picture((shade, 0, 0)), "image/png", by=alarm.participant)

    with pytest.raises(TooManyPhotos):
        alarms.add_photo(alarm, picture("blue"), "image/png", by=alarm.participant)


def test_after_seven_days_positions_pictures_and_destination_are_gone(
    walker, agent, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    trip = trips.set_out(walker, destination="집", minutes=20, by=walker)
    trips.report(trip, [Fix(clock.now(), 37.57, 126.97)])
    alarm = alarms.raise_alarm(walker, by=walker, trip=trip, fixes=[Fix(clock.now(), 37.57, 126.9)])
    photo = alarms.add_photo(alarm, picture(), "image/png", by=walker)
    alarms.take(alarm, by=agent)
    alarms.close(alarm, outcome="safe", text="귀가 확인", by=agent)
    trips.arrive(trip, by=walker)
    path = tmp_path / photo.file.name

    with time_machine.travel(clock.now() + timedelta(days=6, hours=23)):
        watch.forget(by=JOB)
    assert (Position.objects.count(), path.exists()) == (2, True)
    with (
        time_machine.travel(clock.now() + timedelta(days=7, minutes=1)),
        django_capture_on_commit_callbacks(execute=True),
    ):
        watch.forget(by=JOB)
        watch.forget(by=JOB)

    assert Position.objects.count() == AlarmPhoto.objects.count() == 0
    assert not path.exists()
    assert Trip.objects.get().destination is None
    assert Alarm.objects.get().wiped_at is not None
    assert kinds(alarm)[-1] == "closed"


def test_an_open_alarm_keeps_its_positions(alarm):
    with time_machine.travel(clock.now() + timedelta(days=8)):
        watch.forget(by=JOB)

    assert Position.objects.count() == 1


def test_the_page_is_for_who_answers_alarms(client, client_of, alarm):
    assert client.get("/desk/alarms/").status_code == 302
    assert client_of("finance_officer").get("/desk/alarms/").status_code == 403
    assert client_of("finance_officer").get("/desk/alarms/ringing.json").status_code == 403
    away = client_of("agent", scope="district", district="강남구")
    assert away.get(f"/desk/alarms/{alarm.public_id}/").status_code == 404
    assert away.get("/desk/alarms/ringing.json").json()["ringing"] == 0


def test_the_bell_tells_no_more_than_how_many_and_how_long(client_of, alarm):
    told = client_of("agent").get("/desk/alarms/ringing.json").json()

    assert set(told) == {"ringing", "seconds", "level"}
    assert told["ringing"] == 1


def test_pressed_again_it_rings_until_staff_do_something(client_of, walker, alarm, agent):
    operator = client_of("agent")

    def bell() -> int:
        return operator.get("/desk/alarms/ringing.json").json()["ringing"]

    alarms.take(alarm, by=agent)
    assert bell() == 0

    alarms.raise_alarm(walker, by=walker)
    alarms.add_from_caller(alarm, by=walker, is_safe=True)
    assert bell() == 1
    page = client_of("supervisor").get("/desk/alarms/").content.decode()
    assert f"/desk/alarms/{alarm.public_id}/" in page.split('class="card')[0]

    alarms.note(alarm, "다시 전화함", by=agent, kind="called")
    assert bell() == 0


def test_the_bell_does_not_say_that_somebody_is_at_the_desk(client_of, alarm):
    client_of("agent").get("/desk/alarms/ringing.json")

    assert client_of("supervisor").get("/desk/board/").context["here_count"] == 0


def test_taking_shows_the_person_and_every_view_is_written_down(client_of, alarm, walker):
    browser = client_of("agent")
    page = f"/desk/alarms/{alarm.public_id}/"

    before = browser.get(page).content.decode()
    browser.post(f"{page}take/")
    after = browser.get(page).content.decode()

    assert walker.profile.phone not in before
    assert walker.profile.phone in after
    seen = AccessLog.objects.filter(subjects=[walker.number]).order_by("pk")
    assert [(one.action, one.what) for one in seen] == [
        ("view", "desk:alarm"),
        ("unmask", "desk:alarm"),
    ]
    assert seen.last().reason == f"alarm {alarm.pk}"


def test_a_refused_step_keeps_the_page_and_says_why(client_of, alarm):
    browser = client_of("agent")
    browser.post(f"/desk/alarms/{alarm.public_id}/take/")

    answer = browser.post(f"/desk/alarms/{alarm.public_id}/close/", {"outcome": "safe"})

    assert answer.status_code == 422
    assert Alarm.objects.get().status == "taken"
    assert browser.post(f"/desk/alarms/{alarm.public_id}/nonsense/").status_code == 404


def test_the_board_asks_the_database_few_questions(
    client_of, make_participant, django_assert_max_num_queries
):
    browser = client_of("agent")
    for _number in range(8):
        person = make_participant()
        alarms.raise_alarm(person, by=person)
    browser.get("/desk/alarms/")

    with django_assert_max_num_queries(12):
        answer = browser.get("/desk/alarms/")

    assert answer.content.decode().count("alarm-card ringing") == 8


def broken(act) -> str:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        act()
    return violated(refused.value)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"status": "taken"}, "a_taken_alarm_says_by_whom_and_when"),
        ({"outcome": "safe"}, "a_closed_alarm_says_what_became_of_it"),
    ],
)
def test_the_database_refuses_an_impossible_alarm(alarm, values, name):
    assert broken(lambda: Alarm.objects.update(**values)) == name


def test_the_database_refuses_two_live_alarms(alarm):
    twin = {"participant": alarm.participant, "cause": "sos", "raised_at": clock.now()}

    assert broken(lambda: Alarm.objects.create(**twin)) == "one_live_alarm_per_participant"


def test_the_database_refuses_impossible_trips_and_positions(alarm, walker, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    trip = trips.set_out(walker, destination="집", minutes=9, by=walker)
    fix = Position.objects.get()
    at, point = fix.at, fix.point
    twin = {"started_at": at, "expected_at": at + timedelta(1), "destination": "x"}
    photo = alarms.add_photo(alarm, picture(), "image/png", by=walker)
    photo.pk, photo.public_id = None, uuid.uuid4()
    Position.objects.create(trip=trip, at=at, point=point)
    for act, name in (
        (lambda: Trip.objects.create(participant=walker, **twin), "one_trip_at_a_time"),
        (lambda: Trip.objects.update(status="arrived"), "a_trip_says_when_it_arrived"),
        (
            lambda: Trip.objects.update(expected_at=trip.started_at),
            "a_trip_takes_its_time",
        ),
        (
            lambda: Position.objects.create(at=at, point=point),
            "a_position_belongs_to_a_trip_or_an_alarm",
        ),
        (
            lambda: Position.objects.create(trip=trip, at=at, point=point),
            "one_position_per_trip_and_moment",
        ),
        (
            lambda: Position.objects.create(alarm=alarm, at=at, point=point),
            "one_position_per_alarm_and_moment",
        ),
        (
            lambda: photo.save(force_insert=True),
            "one_photo_per_alarm_and_picture",
        ),
        (
            lambda: AlarmEntry.objects.create(
                alarm=alarm, kind="handed_over", text="", actor="staff:x"
            ),
            "a_hand_over_names_the_organisation",
        ),
    ):
        assert broken(act) == name


def test_a_track_is_drawn_to_scale_with_north_at_the_top():
    south, north = (Fix(clock.now(), lat, 127.0) for lat in (37.50, 37.51))

    drawn = draw([south, north], width=640, height=360)

    assert drawn.spots[0].y > drawn.spots[1].y
    assert drawn.spots[0].x == drawn.spots[1].x == 320
    assert draw([], width=640, height=360) is None
    assert draw([south], width=640, height=360).last.y == 180
