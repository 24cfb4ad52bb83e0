"""What citizens see of a draw: the API, the files and the pages."""

import hashlib
import io
import json
import re

import pytest

from participants.models import Application
from participants.rules import verify_draw
from participants.services import draw_results, draws
from tests.conftest import JOB
from tests.participants.drawing import (
    SEED,
    SOURCE,
    drawn,
    frozen,
    lottery_lane,
    lottery_lanes,
    seeded,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(make_participant):
    return [make_participant(name="홍길동", is_resident=True) for _ in range(5)]


@pytest.fixture
def staff(make_staff):
    return make_staff("recruitment_officer"), make_staff("recruitment_officer")


@pytest.fixture
def lane(people):
    return lottery_lane(people, seats=2, others=[("senior", 1, 1, [])])


@pytest.fixture
def published(lane, staff):
    draw = drawn(frozen(lane), *staff)
    draws.publish(draw, by=staff[0])
    draw_results.carry_out(draw, by=JOB)
    return draw


def api(client, lane, tail="", **query):
    query = {name.removesuffix("_"): value for name, value in query.items()}
    return client.get(f"/api/v1/rounds/{lane.round.code}/draw/{tail}", query)


def body(response):
    return b"".join(response.streaming_content).decode()


def test_there_is_nothing_before_the_freeze(client, lane):
    for tail in ("", "file/", "results/"):
        assert api(client, lane, tail).status_code == 404
    assert client.get(f"/draws/{lane.round.code}/").status_code == 404


@pytest.mark.parametrize("code", ["unknown", "x" * 200])
def test_unknown_rounds_are_not_found(client, code):
    assert client.get(f"/api/v1/rounds/{code}/draw/").status_code == 404
    assert client.get(f"/draws/{code}/").status_code == 404


@pytest.mark.parametrize("lane_asked", ["needs_watch", "x"])
def test_unknown_lanes_are_not_found(client, published, lane, lane_asked):
    assert api(client, lane, lane_=lane_asked).status_code == 404


def test_the_roster_is_public_before_the_seed(client, lane):
    draw = frozen(lane)
    answer = api(client, lane).json()

    assert answer["roster_sha256"] == draw.roster_sha256
    assert (answer["status"], answer["lane"], answer["roster_count"]) == ("frozen", "own_device", 5)
    assert (answer["seed_source"], answer["seed_due_on"]) == (SOURCE, str(draw.seed_due_on))
    kept_back = ("seed", "drawn_at", "result_sha256", "results_url")
    assert [answer[name] for name in kept_back] == [None] * 4
    assert [quota["selected"] for quota in answer["quotas"]] == [None, None]
    assert api(client, lane, "results/").status_code == 404


def test_the_steps_in_between_tell_the_public_nothing(client, lane, staff):
    draw = frozen(lane)
    before = api(client, lane).json()
    seeded(draw, *staff)
    assert api(client, lane).json() == before
    draws.draw_lots(draw, by=JOB)
    assert api(client, lane).json() == before
    assert '"seed": null' in body(api(client, lane, "file/"))


def test_the_result_is_public(client, published, lane):
    answer = api(client, lane).json()

    assert (answer["seed"], answer["result_sha256"]) == (SEED, published.result_sha256)
    assert answer["quotas"] == [
        {"code": "general", "group": "general", "value": "", "seats": 2, "spill_order": 0,
         "applied": 5, "selected": 3, "seats_received": 1, "seats_given": 0},
        {"code": "senior", "group": "general", "value": "", "seats": 1, "spill_order": 1,
         "applied": 0, "selected": 0, "seats_received": 0, "seats_given": 1},
    ]  # fmt: skip
    lines = [json.loads(line) for line in body(client.get(answer["results_url"])).splitlines()]
    assert [(one["rank"], one["outcome"], one["seat"]) for one in lines] == [
        (1, "selected", "general"), (2, "selected", "general"), (3, "selected", "senior"),
        (4, "waitlisted", None), (5, "waitlisted", None),
    ]  # fmt: skip


def test_the_downloaded_file_satisfies_the_downloaded_checker(client, published, lane, tmp_path):
    answer = api(client, lane).json()
    file = tmp_path / "draw.ndjson"
    file.write_text(body(client.get(answer["file_url"])), encoding="utf-8")
    code = client.get(answer["checker_url"])
    assert code["Content-Disposition"] == 'attachment; filename="verify_draw.py"'
    with open(verify_draw.__file__, "rb") as ours:
        assert code.content == ours.read()
    out = io.StringIO()
    assert verify_draw.run(str(file), out, roster_sha256=answer["roster_sha256"], seed=SEED) == 0


def test_files_are_kept_by_their_tag(client, lane, staff):
    draw = frozen(lane)
    for tail in ("", "file/"):
        first = api(client, lane, tail)
        assert "public" in first["Cache-Control"]
        again = client.get(first.request["PATH_INFO"], headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304
    seeded(draw, *staff)
    draws.draw_lots(draw, by=JOB)
    draws.publish(draw, by=JOB)
    later = client.get(first.request["PATH_INFO"], headers={"If-None-Match": first["ETag"]})
    assert later.status_code == 200


def test_each_lane_has_its_own_draw(client, people, staff):
    lane, other = lottery_lanes(people)
    frozen(lane)
    frozen(other)
    answer = api(client, lane).json()
    assert [one["lane"] for one in answer["lanes"]] == ["needs_watch", "own_device"]
    counts = {one["lane"]: one["roster_count"] for one in answer["lanes"]}
    assert counts == {"needs_watch": 0, "own_device": 5}
    assert api(client, lane, lane_="own_device").json()["roster_count"] == 5
    files = [body(client.get(one["file_url"])).count("\n") for one in answer["lanes"]]
    assert files == [1, 6]


def test_the_lines_may_be_asked_for_by_name(client, published, lane):
    path = f"/api/v1/rounds/{lane.round.code}/draw/results/"
    assert client.get(path, headers={"Accept": "application/x-ndjson"}).status_code == 200
    assert client.get(path, headers={"Accept": "image/png"}).status_code == 406


def test_nothing_personal_is_published(client, published, lane, people):
    texts = [
        body(api(client, lane, "file/")),
        body(api(client, lane, "results/")),
        api(client, lane).content.decode(),
        client.get(f"/draws/{lane.round.code}/").content.decode(),
    ]
    for secret in ("홍길동", "010-1234-5678", "1980", people[0].number, "종로구", "A-26"):
        assert not any(secret in text.replace("A-2611-7KQ4M3", "") for text in texts), secret


def test_large_results_are_streamed_in_blocks(client, published, lane, monkeypatch):
    from participants.services import draw_files

    whole = body(api(client, lane, "results/"))
    monkeypatch.setattr(draw_files, "LINES", 2)
    assert body(api(client, lane, "results/")) == whole


# --- pages


def test_the_list_names_every_draw(client, published, lane):
    page = client.get("/draws/")
    assert page.status_code == 200
    assert f"/draws/{lane.round.code}/" in page.content.decode()


def test_the_page_shows_hash_source_and_seed(client, lane, staff):
    draw = frozen(lane)
    page = client.get(f"/draws/{lane.round.code}/").content.decode()
    assert draw.roster_sha256 in page
    assert SOURCE in page
    assert SEED not in page
    seeded(draw, *staff)
    draws.draw_lots(draw, by=JOB)
    draws.publish(draw, by=JOB)
    page = client.get(f"/draws/{lane.round.code}/").content.decode()
    assert SEED in page
    assert draw.result_sha256 in page


def test_ones_own_result_comes_with_its_sum(client, published, lane):
    mine = Application.objects.filter(lane=lane).first()
    page = client.post(f"/draws/{lane.round.code}/", {"receipt_no": f" {mine.receipt_no.lower()} "})
    text = page.content.decode()
    key = hashlib.sha256(f"{SEED}{mine.public_id}".encode()).hexdigest()
    assert page.status_code == 200
    assert f"{SEED}{mine.public_id}" in text
    assert key in text
    assert page["Cache-Control"] == "no-store"
    assert "홍길동" not in text


def test_before_the_draw_the_roster_line_is_shown(client, lane):
    frozen(lane)
    mine = Application.objects.filter(lane=lane).first()
    page = client.post(f"/draws/{lane.round.code}/", {"receipt_no": mine.receipt_no})
    assert f"{mine.public_id} general" in page.content.decode()


@pytest.mark.parametrize(
    ("sent", "status"), [("A-2611-XXXXXX", 404), ("", 400), ("\0", 400), ("x" * 50, 400)],
    ids=["unknown", "empty", "nul", "long"],
)  # fmt: skip
def test_a_number_not_on_the_roster_is_refused_with_a_sentence(
    client, published, lane, sent, status
):
    page = client.post(f"/draws/{lane.round.code}/", {"receipt_no": sent})
    assert page.status_code == status
    assert re.search(r'role="alert"|errorlist', page.content.decode())


def test_guessing_numbers_is_slowed_down(client, published, lane, settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "guest": "2/min"}
    codes = [
        client.post(f"/draws/{lane.round.code}/", {"receipt_no": f"A-2611-{n}"}).status_code
        for n in range(3)
    ]
    assert codes == [404, 404, 429]


def test_a_page_costs_the_same_for_any_number(client, published, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        client.get(f"/draws/{published.lane.round.code}/")
    with django_assert_max_num_queries(3):
        client.get("/draws/")
    with django_assert_max_num_queries(8):
        client.get(f"/api/v1/rounds/{published.lane.round.code}/draw/")
