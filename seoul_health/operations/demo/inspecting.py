"""What became of watches that came back: findings with photographs, repairs, disposals."""

import hashlib
import io
from datetime import timedelta

from PIL import Image, ImageDraw

from devices.models import (
    CheckAnswer,
    Checklist,
    DataWipe,
    Device,
    DeviceModel,
    DisposalBatch,
    DisposalUnit,
    Inspection,
    RepairTicket,
)
from devices.services import checklists, disposals, repairs, watch_papers
from seoul_health.core.files import Sent
from seoul_health.core.models import StaffUser
from seoul_health.core.papers import Clean

from .plans import World
from .staff import LOADER

WORKSHOPS = ("다온서비스센터", "한빛모바일수리")
FAULTS = ("충전이 되지 않음", "화면 줄 생김", "맥박 센서 오류")
PICTURED = 6
# Enough of each to fill a page; a big town does not get longer by it.
ANSWERED, MENDED, GONE = 2_000, 200, 2_000
RECYCLER = "한강자원순환센터"


def load_inspecting(world: World) -> int:
    """Give models lists of their own, mend, photograph and dispose; count what came of it."""
    write_lists()
    DataWipe.objects.filter(proof="").update(proof="초기 설정 화면 확인")
    answered = answer_inspections()
    return answered + load_repairs(world) + load_disposals(world)


def write_lists() -> None:
    """Let the newest model have its own list, in its second version."""
    model = DeviceModel.objects.get(code="watch-2")
    for _turn in range(2):
        checklists.release(checklists.draft_next(model, by=LOADER), by=LOADER)


def answer_inspections() -> int:
    """Write the findings behind past grades, and photograph some of the faults."""
    rows = Inspection.objects.filter(checklist=None).select_related("device__lot__model")
    lists = {model: Checklist.objects.for_model(model) for model in DeviceModel.objects.all()}
    items = {one: list(one.items.all()) for one in set(lists.values()) if one}
    found = list(rows.order_by("-pk")[:ANSWERED])
    answers = []
    for inspection in found:
        inspection.checklist = lists[inspection.device.lot.model]
        for item in items.get(inspection.checklist, []) if inspection.checklist else []:
            verdict = "fault" if item.fault in inspection.faults else "fine"
            answers.append(CheckAnswer(inspection=inspection, item=item, verdict=verdict))
    Inspection.objects.bulk_update(found, ["checklist"], batch_size=2000)
    CheckAnswer.objects.bulk_create(answers, batch_size=5000)
    faulty = [inspection for inspection in found if inspection.faults][:PICTURED]
    for inspection in faulty:
        sent = photograph(inspection)
        watch_papers.keep_with(inspection, sent, by=StaffUser.objects.get(username="device"))
    return len(found)


def photograph(inspection: Inspection) -> Sent:
    """Draw a watch with what is wrong with it; drawn by us, so there is nothing to clean."""
    sheet, kept = Image.new("RGB", (640, 640), "#dfe5e8"), io.BytesIO()
    pen = ImageDraw.Draw(sheet)
    pen.rounded_rectangle((270, 0, 370, 640), 20, fill="#35424c")
    pen.rounded_rectangle((190, 190, 450, 450), 56, fill="#1c262d", outline="#8b98a2", width=8)
    pen.rounded_rectangle((220, 220, 420, 420), 34, fill="#0d3b3a")
    if "screen" in inspection.faults:
        pen.line((226, 240, 300, 322, 276, 372, 404, 412), fill="#f3f5f6", width=4)
        pen.line((300, 322, 408, 268), fill="#f3f5f6", width=3)
    else:
        pen.line((276, 500, 366, 560), fill="#d5392f", width=10)
    pen.text((24, 600), f"{inspection.device.serial} (DEMO)", fill="#53616b", font_size=20)
    sheet.save(kept, "JPEG", quality=82)
    content = kept.getvalue()
    return Sent("image/jpeg", hashlib.sha256(content).hexdigest(), Clean(content, 1))


def load_repairs(world: World) -> int:
    """Give every watch in repair its ticket: to be sent, at a workshop, late; and some ended."""
    broken = Device.objects.filter(status="in_repair").select_related("lot").order_by("pk")
    for place, device in enumerate(broken[:MENDED]):
        ticket = repairs.open_repair(device, fault=FAULTS[place % len(FAULTS)], by=LOADER)
        if place % 3 == 0 or device.holds_personal_data:
            continue
        due = world.today + timedelta(days=9 if place % 3 == 1 else -4)
        shop = WORKSHOPS[place % len(WORKSHOPS)]
        repairs.send([ticket], workshop=shop, expected_on=due, by=LOADER)
    return RepairTicket.objects.count() + load_past_repairs(world)


def load_past_repairs(world: World) -> int:
    """Write repairs that ended weeks ago, for the board of workshops."""
    mended = Device.objects.filter(status="in_stock", grade="B").select_related("lot")
    rows = [
        RepairTicket(
            device=device,
            status="back",
            fault=FAULTS[place % len(FAULTS)],
            is_under_warranty=place % 2 == 0,
            workshop=WORKSHOPS[place % len(WORKSHOPS)],
            reference=f"R-{place + 41:04d}",
            opened_at=world.now - timedelta(days=40 + place),
            opened_by="staff:device",
            sent_at=world.now - timedelta(days=38 + place),
            expected_on=world.today - timedelta(days=25 + place),
            closed_at=world.now - timedelta(days=38 + place) + timedelta(days=6 + place % 9),
            outcome="no_fault" if place % 4 == 3 else "repaired",
            cost=0 if place % 2 == 0 else 18_000 + 1_500 * (place % 5),
        )
        for place, device in enumerate(mended.order_by("pk")[:24])
    ]
    RepairTicket.objects.bulk_create(rows)
    return len(rows)


def load_disposals(world: World) -> int:
    """Write one list that went with a certificate, one that waits, and one in the making."""
    officer = StaffUser.objects.get(username="device")
    head = StaffUser.objects.get(username="keeper")
    gone = Device.objects.filter(status="disposed", loans=None).select_related("lot")
    old = DisposalBatch.objects.create(
        status="draft", method="recycled", recycler=RECYCLER, reason="내용연수 경과, 배터리 불량",
        requested_by=officer, requested_at=world.now - timedelta(days=33),
    )  # fmt: skip
    kept = list(gone.order_by("pk")[:GONE])
    DisposalUnit.objects.bulk_create(
        DisposalUnit(
            batch=old, device=device, grade=device.grade, unit_price=device.lot.unit_price,
            added_at=world.now - timedelta(days=34), added_by=officer.actor_name,
        )
        for device in kept
    )  # fmt: skip
    digest = hashlib.sha256(disposals.list_of(old).encode()).hexdigest()
    DisposalBatch.objects.filter(pk=old.pk).update(
        status="done", decided_by=head, decided_at=world.now - timedelta(days=32),
        list_sha256=digest, weight_grams=max(1, 41 * len(kept)), certificate_no="RC-2026-0117",
        handed_over_on=world.today - timedelta(days=29), closed_at=world.now - timedelta(days=29),
    )  # fmt: skip
    return 1 + load_waiting(officer)


def load_waiting(officer: StaffUser) -> int:
    """Ask for the watches nobody can mend; what is asked for waits for somebody else."""
    waits = disposals.start(
        method="destroyed", recycler=RECYCLER, reason="화면 파손, 수리 불가", by=officer
    )
    fit = Device.objects.filter(status="quarantined", holds_personal_data=False).order_by("pk")
    serials = list(fit.values_list("serial", flat=True)[:8])
    spare = Device.objects.filter(status="in_stock", grade="B").order_by("-pk")
    serials += list(spare.values_list("serial", flat=True)[:4])
    disposals.add_watches(waits, serials, by=officer)
    disposals.ask(waits, by=officer)
    disposals.start(method="sold", recycler="새봄중고유통", reason="교체 모델 매각", by=officer)
    return 2
