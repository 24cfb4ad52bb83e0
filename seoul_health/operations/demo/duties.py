"""What the law wants done: reminders, a draft to approve, a question to another department."""

from datetime import timedelta

from complaints.models import (
    Complaint,
    Consultation,
    Holiday,
    HolidayChange,
    InboundRecord,
    Message,
    SupplementDemand,
)
from complaints.services import approval, consulting
from complaints.services.deadlines import current_calendar
from complaints.services.dunning import remind_departments
from seoul_health.core.models import StaffUser

from .plans import World
from .staff import LOADER

QUESTION = "동기화 기록과 서버 시각의 차이를 확인하여 결과를 알려 주시기 바랍니다."
DRAFT = "확인 결과 해당 일자의 걸음은 다음 날 자동으로 다시 판정되어 포인트가 적립되었습니다."


def load_duties(world: World) -> int:
    """Put something on every part of the board of duties; give how many reminders went out."""
    _demands(world)
    _drafts(world)
    _from_elsewhere(world)
    _day_off(world)
    return remind_departments(by=LOADER)


def _demands(world: World) -> None:
    """Every second supplement is overdue, as on any other day."""
    asked = Message.objects.filter(
        purpose=Message.Purpose.SUPPLEMENT, complaint__status="supplement_requested"
    ).order_by("complaint", "-pk")
    latest = {message.complaint_id: message for message in asked}
    SupplementDemand.objects.bulk_create(
        SupplementDemand(
            complaint_id=complaint,
            message=message,
            until=world.today + timedelta(days=-2 if place % 2 else 5),
        )
        for place, (complaint, message) in enumerate(sorted(latest.items()))
    )


def _drafts(world: World) -> None:
    """Lay one answer before a second person, and ask another department about another."""
    agent = StaffUser.objects.get(username="agent")
    rows = Complaint.objects.filter(status="in_progress", handler=agent, due_at__gt=world.now)
    later = rows.filter(due_at__gt=world.now + timedelta(days=1)).order_by("pk")
    working = list(later[:2])
    if working:
        first = working[0]
        approval.propose(first, text=DRAFT, version=first.version, by=agent)
    for complaint in working[1:]:
        due_at = complaint.due_at
        assert due_at is not None, "chosen by its due time"
        consulting.consult(
            complaint,
            department="정보시스템과",
            question=QUESTION,
            reply_by=due_at - timedelta(hours=8),
            version=complaint.version,
            by=agent,
        )
    Consultation.objects.filter(replied_at=None).update(asked_at=world.now)


def _from_elsewhere(world: World) -> None:
    """Some complaints came from the city's other systems; one word of theirs is unknown."""
    filed = Complaint.objects.filter(status__in=["received", "assigned"], split_of=None)
    rows = list(filed.order_by("pk").select_related("category")[:4])
    for place, complaint in enumerate(rows):
        source = "dasan120" if place == 2 else "eungdapso"
        Complaint.objects.filter(pk=complaint.pk).update(channel=source)
        InboundRecord.objects.create(
            source=source,
            reference=f"{world.today:%Y%m%d}-{place + 1:06}",
            kind="filed",
            occurred_at=complaint.arrived_at,
            content_hash=f"{place:064}",
            their_category="건강·기타" if place == 3 else complaint.category.name,
            is_unmapped=place == 3,
            outcome="applied",
            complaint=complaint,
        )
    InboundRecord.objects.create(
        source="eungdapso",
        reference=f"{world.today:%Y%m%d}-000009",
        sequence=1,
        kind="added",
        occurred_at=world.now - timedelta(minutes=40),
        content_hash="9" * 64,
        outcome="waiting",
        text="사진을 덧붙입니다.",
    )


def _day_off(world: World) -> None:
    """A day off far ahead, whose computation moved nothing."""
    supervisor = StaffUser.objects.get(username="supervisor")
    day = current_calendar().next_working(world.today + timedelta(days=200))
    Holiday.objects.create(day=day, change="added", name="임시공휴일")
    HolidayChange.objects.create(
        day=day,
        change="added",
        name="임시공휴일",
        reason="국무회의 의결 (시범 자료)",
        status="done",
        declared_by=supervisor,
        declared_at=world.now - timedelta(days=3),
        finished_at=world.now - timedelta(days=3),
    )
