"""An incident of last week that was made good, one that is open now, promises and notices."""

from datetime import datetime, timedelta

from django.utils import timezone

from complaints.models import (
    Category,
    Complaint,
    Incident,
    IncidentLink,
    IncidentUpdate,
    MakeGoodRun,
    MemberCheck,
    Promise,
)
from complaints.services import incidents, making_good, member_checks, promises, publishing
from complaints.services.incidents import Case
from complaints.services.making_good import Offer
from complaints.services.member_checks import Terms
from complaints.services.publishing import Words
from seoul_health.core import clock
from seoul_health.core.models import StaffUser

from .plans import World
from .staff import LOADER

HOUR = timedelta(hours=1)
BEGAN = 15
THREAD = [
    (0, "investigating", "일부 안드로이드 이용자의 걸음 수가 0으로 표시되어 확인하고 있습니다."),
    (2, "identified", "앱 2.8.4의 걸음 수집 오류로 확인했습니다. 수정 버전을 준비하고 있습니다."),
    (9, "monitoring", "서버에서 조치를 마쳤습니다. 걸음 수가 다시 반영되는지 지켜보고 있습니다."),
    (21, "resolved", "정상화되었습니다. 누락된 기록은 확인하여 보상해 드리겠습니다."),
]  # fmt: skip
# Hours after the beginning: promised until, and done (later than promised is missed).
PROMISES = [(2, 2), (8, 9), (22, 21)]


def load_incidents(world: World) -> int:
    """Write two incidents; give how many people were made good."""
    lead = StaffUser.objects.get(username="supervisor")
    category = Category.objects.get(code="points_missing")
    posted = past_incident(world, category, lead)
    incident = open_incident(world, category, lead)
    promises.tend_promises(by=LOADER)
    words = Words(
        "banner", "warn", "걸음 수 반영 지연 안내",
        "걸음 수 반영이 늦어지고 있습니다. 걸음은 휴대전화에 안전하게 저장되어 있습니다.",
    )  # fmt: skip
    publishing.publish(publishing.write_notice(words, incident=incident, by=lead), by=lead)
    news = Words("popup", "info", "정기 점검 안내", "토요일 02:00~04:00 정기 점검이 있습니다.")
    publishing.write_notice(news, by=lead)
    return posted


def past_incident(world: World, category: Category, lead: StaffUser) -> int:
    """Lay down an incident of two weeks ago as it went, and make it good."""
    began = clock.day_starts(world.today - timedelta(days=BEGAN)) + 9 * HOUR
    incident = Incident.objects.create(
        title="걸음 수 0 표시", scope="안드로이드 앱 2.8.4 이용자 일부", severity="partial",
        components=["steps", "points"], category=category, app_version="", status="resolved",
        started_at=began, resolved_at=began + 21 * HOUR, opened_by=lead, owner=lead,
        opened_at=began,
    )  # fmt: skip
    IncidentUpdate.objects.bulk_create(
        IncidentUpdate(
            incident=incident, status=status, text=text, actor=lead.actor_name,
            at=began + after * HOUR,
        )
        for after, status, text in THREAD
    )  # fmt: skip
    Promise.objects.bulk_create(past_promise(incident, began, due, done) for due, done in PROMISES)
    day = clock.seoul_day(began)
    check = member_checks.check_members(incident, Terms(day, day), by=LOADER)
    return make_good(incident, check, lead) if check.people else 0


def past_promise(incident: Incident, began: datetime, due: int, done: int) -> Promise:
    return Promise(
        incident=incident,
        due_at=began + due * HOUR,
        done_at=began + done * HOUR,
        status=Promise.Status.KEPT if done <= due else Promise.Status.MISSED,
        owner=incident.owner,
        made_by=incident.owner.actor_name,
        made_at=began,
    )


def make_good(incident: Incident, check: MemberCheck, lead: StaffUser) -> int:
    offer = Offer("day", 200, 10_000_000, "걸음 수 누락에 대한 보상")
    run = making_good.request_run(check, offer, by=lead)
    making_good.approve_run(run, by=StaffUser.objects.get(username="approver"))
    making_good.carry_on(run, by=LOADER)
    return MakeGoodRun.objects.get(pk=run.pk).people


def open_incident(world: World, category: Category, lead: StaffUser) -> Incident:
    """Open one this morning, link some complaints, and look for everybody touched."""
    now = timezone.now()
    case = Case(
        title="걸음 수 반영 지연",
        scope="오늘 오전부터 걸음을 올린 이용자 일부",
        severity="minor",
        components=["steps"],
        started_at=now - 3 * HOUR,
        category=category,
    )
    text = "걸음 수가 늦게 반영되고 있습니다. 원인을 확인하고 있습니다."
    incident = incidents.open_incident(case, text=text, next_at=now + 3 * HOUR, by=lead)
    until = now + timedelta(minutes=45)
    promises.promise(incident, "복구 예정 시각 공지", due_at=until, owner=lead, by=lead)
    rows = Complaint.objects.running().filter(category=category).order_by("-arrived_at", "pk")
    IncidentLink.objects.bulk_create(
        IncidentLink(incident=incident, complaint=row, linked_by=lead.actor_name)
        for row in rows[:6]
    )
    day = world.today - timedelta(days=1)
    check = member_checks.check_members(incident, Terms(day, day, usual_walkers=False), by=LOADER)
    if making_good.preview(check, basis="person", rate=100).people:
        offer = Offer("person", 100, 1_000_000, "반영 지연에 대한 사과 포인트")
        making_good.request_run(check, offer, by=lead)
    return incident
