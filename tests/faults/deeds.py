"""What staff and citizens do besides walking: rounds to apply to, draws, and messages to many."""

import json
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

ROUNDS, SEATS = 8, 20
# Draws, and messages to many, of one round of load.
A_ROUND = 3
DRAWN_FOR, DRAWN_SEATS, NEWCOMERS = 12, 5, 80
PREFIX = "faults"
# After the drain nothing of this may be there. Each counts what must not be.
GAPS = {
    "oversold": """
        SELECT count(*) FROM participants_quota AS quota WHERE quota.seats < (
            SELECT count(*) FROM participants_application WHERE seat_id = quota.id)""",
    "draws_unfinished": """
        SELECT count(*) FROM participants_draw WHERE status IN ('drawn', 'published')
            AND seed_source LIKE 'faults%' AND (status = 'drawn' OR applied_at IS NULL)""",
    "draws_differ": """
        SELECT count(*) FROM participants_draw AS draw
        WHERE draw.seed_source LIKE 'faults%' AND draw.applied_at IS NOT NULL AND (
            SELECT count(*) FROM participants_application AS one
            WHERE one.lane_id = draw.lane_id AND one.seat_id IS NOT NULL
        ) <> least(draw.roster_count, (
            SELECT sum(seats) FROM participants_quota WHERE lane_id = draw.lane_id))""",
    "told_differ": """
        SELECT count(*) FROM participants_bulksend AS bulk
        WHERE bulk.name LIKE 'faults%' AND bulk.status IN ('running', 'done') AND (
            SELECT count(DISTINCT participant_id) * 1000 + count(*)
            FROM participants_notification WHERE bulk_id = bulk.id) <> bulk.people * 1001""",
    "untold": """
        SELECT count(*) FROM participants_notification AS notice
        JOIN participants_bulksend AS bulk ON bulk.id = notice.bulk_id
        WHERE bulk.name LIKE 'faults%' AND notice.status IN ('planned', 'sending', 'unknown')""",
}
OPEN = """
SELECT (SELECT count(*) FROM participants_notification AS notice
        JOIN participants_bulksend AS bulk ON bulk.id = notice.bulk_id
        WHERE bulk.name LIKE 'faults%' AND notice.status IN ('planned', 'sending', 'unknown'))
    + (SELECT count(*) FROM participants_draw WHERE status = 'published' AND applied_at IS NULL
        AND seed_source LIKE 'faults%')
"""
DONE = {
    "draw": "SELECT id FROM participants_draw WHERE status = 'published'",
    "bulk": "SELECT id FROM participants_bulksend WHERE status IN ('running', 'done')",
}


def prepare(rounds: int) -> dict[str, Any]:
    """Open rounds, freeze draws and have messages approved; give what there is to do."""
    from participants.services import tokens

    codes = [open_round(number) for number in range(ROUNDS)]
    newcomers = [
        {"pk": one.pk, "token": tokens.issue(one, device="faults").access, "source": "",
         "rounds": codes}
        for one in (newcomer() for _ in range(NEWCOMERS))
    ]  # fmt: skip
    return {
        "newcomers": newcomers,
        "rounds": codes,
        "draws": [seeded_draw(number) for number in range(A_ROUND * rounds)],
        "bulks": [approved_bulk(number) for number in range(A_ROUND * rounds)],
    }


def newcomer() -> Any:
    """Make somebody who lives in Seoul and does not take part yet."""
    from participants.models import Participant, Profile
    from seoul_health.core import clock

    number = uuid.uuid4().hex
    person = Participant.objects.create(
        number=f"P-F-{number[:12]}",
        ci_hash=number * 2,
        district="종로구",
        verified_at=clock.now(),
        is_resident=True,
    )
    profile = Profile(
        participant=person, name="김새로", phone="010-1234-5678", birth_date="1980-05-17",
        address="서울특별시 종로구 세종대로 209",
    )  # fmt: skip
    profile.index()
    profile.save()
    return person


def open_round(number: int) -> str:
    from participants.services import rounds
    from tests.conftest import JOB
    from tests.participants.recruiting import add_lane

    lane = add_lane(new_round(f"{PREFIX}-{number}"), seats=SEATS)
    rounds.announce(lane.round, by=JOB)
    rounds.open_round(lane.round, by=JOB)
    return lane.round.code


def new_round(code: str) -> Any:
    from participants.models import RecruitmentRound
    from tests.participants.recruiting import draft_round

    found = draft_round(starts_in=400)
    RecruitmentRound.objects.filter(pk=found.pk).update(code=code)
    found.refresh_from_db()
    return found


def seeded_draw(number: int) -> int:
    """Let some people into a lottery whose seed two people have typed."""
    from participants.models import Draw, Lane
    from participants.services import draws, rounds
    from seoul_health.core import clock
    from seoul_health.core.models import StaffUser
    from tests.conftest import JOB
    from tests.participants.drawing import SEED, seeded
    from tests.participants.recruiting import add_lane, approved

    found = new_round(f"{PREFIX}-draw-{number}")
    lane = add_lane(found, method=Lane.Method.LOTTERY, seats=DRAWN_SEATS)
    rounds.announce(found, by=JOB)
    rounds.open_round(found, by=JOB)
    for _ in range(DRAWN_FOR):
        approved(newcomer(), lane)
    rounds.close_round(found, by=JOB)
    draw = draws.freeze(
        lane, seed_source=f"{PREFIX} {number}", seed_form=Draw.SeedForm.LOTTO,
        seed_due_on=clock.today() + timedelta(days=1), by=JOB,
    )  # fmt: skip
    first, second = StaffUser.objects.filter(username__in=["recruit", "reviewer"])
    return int(seeded(draw, first, second, seed=SEED).pk)


def approved_bulk(number: int) -> int:
    """Have a message to some districts approved by a second person."""
    from participants.models import BulkSend, NotificationTemplate, Participant
    from participants.services import bulk
    from seoul_health.core.models import StaffUser

    districts = Participant.objects.filter(withdrawn_at=None).order_by("district")
    names = list(districts.values_list("district", flat=True).distinct())
    send = BulkSend(
        template=NotificationTemplate.objects.get(code="announcement"),
        name=f"{PREFIX} {number}",
        values={"subject": "점검 안내", "text": f"{number}번째 안내입니다."},
        audience={"of": "everybody", "districts": [names[number % len(names)]]},
    )
    asks, approves = StaffUser.objects.filter(username__in=["recruit", "reviewer"])
    bulk.draft(send, by=asks)
    bulk.request(send, by=asks)
    bulk.approve(send, by=approves)
    return int(send.pk)


def undone(deeds: Iterable[Mapping[str, Any]], done: Mapping[str, set[int]]) -> int:
    """Count what staff were told was done and is not."""
    return sum(1 for deed in deeds if deed["pk"] not in done[deed["act"]])


def told_twice(messages: Iterable[Mapping[str, Any]]) -> int:
    """Count letters a phone has received more than once: the same words under another number."""
    seen = Counter(
        (line["to_hash"], line["channel"], line["text"])
        for line in messages
        if "번째 안내입니다" in str(line.get("text", ""))
    )
    return sum(count - 1 for count in seen.values())


def read_lines(path: Path) -> list[dict[str, Any]]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]
