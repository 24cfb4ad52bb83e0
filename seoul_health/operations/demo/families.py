"""Complaints merged into one, one split in two, and a photo a citizen sent along."""

import io
from datetime import datetime, timedelta
from random import Random
from typing import Any

from PIL import Image, ImageDraw

from complaints.models import Category, Channel, Complaint, Kind, Split
from complaints.rules.merging import SAME_PURPOSE
from complaints.services import attachments, desk, intake, merging, splitting
from complaints.services.attachments import Upload
from participants.models import Participant, Participation
from seoul_health.core import clock, crypto
from seoul_health.core.models import StaffUser

from .plans import World
from .staff import LOADER
from .voices import speak

PURPOSE = "같은 시각의 접속 장애"
PHOTOS = 3


def load_families(world: World) -> int:
    """Let the desk merge a group, and split one complaint; give how many are merged."""
    agent = StaffUser.objects.filter(username="agent").first()
    if agent is None:
        return 0
    dice = world.dice("families")
    count = _merge(agent, world, dice)
    _split(agent, dice)
    _send_photos()
    return count


def _merge(agent: StaffUser, world: World, dice: Random) -> int:
    """File the same complaint of several people and let an agent merge all but the last two."""
    walking = Participation.objects.filter(round=world.rounds.running.round, status="active")
    people = [row.participant for row in walking.select_related("participant").order_by("-pk")[:8]]
    if len(people) < SAME_PURPOSE + 2:
        return 0
    category = Category.objects.get(code="waiting_room")
    begun = world.now - timedelta(hours=5)
    group = [
        _outage(person, category, begun + timedelta(minutes=7 * place), dice)
        for place, person in enumerate(people)
    ]
    lead, *others = group[:-2]
    desk.take(lead, by=agent)
    return len(merging.merge(lead, others, purpose=PURPOSE, by=agent))


def _outage(person: Participant, category: Category, at: datetime, dice: Random) -> Complaint:
    title, text = speak(category.code, f"{at:%H:%M}", dice)
    complaint = Complaint(
        participant=person,
        category=category,
        kind=category.default_kind,
        channel=Channel.APP,
        title=title,
        text=text,
        arrived_at=at,
        **_numbered(f"C-{at.astimezone(clock.KST):%y%m}-", dice),
    )
    complaint.save(force_insert=True)
    intake.receive(complaint, by=LOADER, at=at)
    return complaint


def _numbered(head: str, dice: Random) -> dict[str, Any]:
    """Draw a receipt number that is the same every time."""
    number = head + "".join(dice.choices(intake.LETTERS, k=6))
    return {
        "receipt_no": number,
        "secret_digest": crypto.digest(intake.derive_secret(number)),
    }


def _split(agent: StaffUser, dice: Random) -> None:
    """Split as the service does, with a receipt number that is the same every time."""
    origin = Complaint.objects.filter(status="in_progress", handler=agent).order_by("pk").last()
    if origin is None:
        return
    general = Category.objects.offered().filter(default_kind=Kind.GENERAL)
    part = splitting.part_of(
        origin,
        category=dice.choice(list(general.exclude(pk=origin.category_id))),
        title="반납 장소도 알고 싶습니다",
        text="그리고 워치를 어디에 반납하면 되는지도 알려 주십시오.",
    )
    for name, value in _numbered(origin.receipt_no[:7], dice).items():
        setattr(part, name, value)
    part.save(force_insert=True)
    intake.receive(part, by=agent, at=origin.clock_from)
    Split.objects.create(
        origin=origin, part=part, reason="서로 다른 두 가지 문의", split_by=agent.actor_name
    )
    splitting.tell_of_split(origin, part, by=agent)


def _send_photos() -> None:
    """Let a few citizens send a picture of their screen."""
    rows = Complaint.objects.filter(participant__isnull=False, status="in_progress")
    for row in rows.select_related("participant").order_by("pk")[:PHOTOS]:
        assert row.participant is not None, "chosen with a participant"
        upload = Upload(_screen(row.receipt_no), "image/png", "앱 화면.png")
        attachments.send(row, upload, by=row.participant)


def _screen(words: str) -> bytes:
    """Draw a telephone's screen that shows no steps."""
    sheet = Image.new("RGB", (360, 640), "#f4f6f8")
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((0, 0, 360, 56), fill="#0b6e4f")
    pen.rectangle((24, 96, 336, 300), fill="white", outline="#d0d7de")
    pen.text((150, 170), "0", fill="#1f2328", font_size=64)
    pen.text((40, 320), words, fill="#57606a", font_size=18)
    kept = io.BytesIO()
    sheet.save(kept, "PNG")
    return kept.getvalue()
