"""Calls for help of the last days, one that is still looked after, and guides to the forms."""

from datetime import datetime, timedelta
from random import Random

from complaints.models import (
    Alarm,
    AlarmEntry,
    FormGuide,
    GuideScan,
    GuideText,
    Language,
    Position,
    Trip,
)
from complaints.rules.positions import Fix
from participants.models import Participation
from seoul_health.core.models import StaffUser

from .copy import public_id
from .plans import HEROES, World

Kind = AlarmEntry.Kind
MINUTE = timedelta(minutes=1)
WALK = 18
HOME = "종로구 사직로 자택"
# Days before today, how it stands, what became of it, and its log: seconds after the call, text.
ALARMS = (
    (2, "closed", "safe", (
        (0, Kind.RAISED, "뒤에서 누가 따라오는 것 같습니다."),
        (14, Kind.TAKEN, ""),
        (95, Kind.CALLED, "통화 연결: 편의점에 들어가 있음"),
        (840, Kind.CLOSED, "가족과 함께 귀가한 것을 본인과 통화하여 확인"),
    )),
    (1, "closed", "false", (
        (0, Kind.RAISED, ""),
        (9, Kind.TAKEN, ""),
        (60, Kind.CLOSED, "주머니에서 잘못 눌린 것을 본인과 통화하여 확인"),
    )),
    (0, "passed_on", "", (
        (0, Kind.RAISED, "넘어져서 일어나기 어렵습니다."),
        (11, Kind.TAKEN, ""),
        (80, Kind.CALLED, "통화 연결: 발목 통증, 의식 있음"),
        (150, Kind.HANDED_OVER, "위치와 인상착의 전달"),
    )),
)  # fmt: skip
OWNER = "건강관리과"
# Address, code, days until the review, texts by language: title, what to bring, steps.
GUIDES = (
    ("watch-return", "ban9ap", 60, {
        Language.KOREAN: (
            "손목시계 반납 신청서 쓰는 법", ("신분증", "손목시계와 충전기"),
            ("이름과 생년월일을 적습니다.", "시계 뒷면의 일련번호를 적습니다.",
             "반납하는 이유에 표시합니다.", "날짜를 적고 서명합니다."),
        ),
        Language.ENGLISH: (
            "How to fill in the return form", ("ID card", "Watch and charger"),
            ("Write your name and date of birth.", "Copy the serial number of the watch.",
             "Tick why you return it.", "Write the date and sign."),
        ),
        Language.CHINESE: (
            "手表归还申请书填写方法", ("身份证", "手表和充电器"),
            ("填写姓名和出生日期。", "填写手表背面的序列号。", "勾选归还原因。",
             "填写日期并签名。"),
        ),
    }),
    ("paper-application", "sqn4ch", 12, {
        Language.KOREAN: (
            "참여 신청서(종이) 쓰는 법", ("신분증", "지원 대상 증빙 서류"),
            ("이름, 생년월일, 주소를 적습니다.", "신청하는 회차에 표시합니다.",
             "건강정보 수집 동의를 읽고 서명합니다."),
        ),
    }),
    ("points-objection", "pnt7eg", -3, {
        Language.KOREAN: (
            "포인트 이의신청서 쓰는 법", ("걸음 수 화면 사진(있으면)",),
            ("포인트가 들어오지 않은 날짜를 적습니다.", "그날의 걸음 수를 적습니다.",
             "연락받을 전화번호를 적고 서명합니다."),
        ),
    }),
)  # fmt: skip
DAYS = 14


def load_safety(world: World) -> int:
    """Write calls for help as they went; give how many."""
    agent = StaffUser.objects.get(username="agent")
    dice = world.dice("safety")
    walking = Participation.objects.filter(round=world.rounds.running.round, status="active")
    people = list(walking.order_by("participant").values_list("participant", flat=True))
    for person, terms in zip(people[HEROES:], ALARMS, strict=False):
        call_for_help(person, terms, agent=agent, dice=dice, now=world.now)
    return Alarm.objects.count()


def call_for_help(
    person: int,
    terms: tuple[int, str, str, tuple[tuple[int, str, str], ...]],
    *,
    agent: StaffUser,
    dice: Random,
    now: datetime,
) -> None:
    """Lay down a way home with its positions and what was done once help was called."""
    days, status, outcome, log = terms
    raised = now - timedelta(days=days) - 25 * MINUTE
    over = raised + timedelta(seconds=log[-1][0])
    trip = Trip.objects.create(
        public_id=public_id(dice), participant_id=person, status="arrived", destination=HOME,
        started_at=raised - WALK * MINUTE, expected_at=raised + 12 * MINUTE, arrived_at=over,
    )  # fmt: skip
    alarm = Alarm.objects.create(
        public_id=public_id(dice), participant_id=person, trip=trip, status=status, cause="sos",
        raised_at=raised, taken_by=agent, taken_at=raised + timedelta(seconds=log[1][0]),
        closed_at=over if outcome else None, outcome=outcome,
    )  # fmt: skip
    Position.objects.bulk_create(
        [
            Position(trip=trip, at=fix.at, received_at=fix.at, point=fix.as_text())
            for fix in walked(trip.started_at, dice)
        ]
        + [Position(alarm=alarm, at=raised, received_at=raised, point="37.580100,126.987800,8")]
    )
    AlarmEntry.objects.bulk_create(
        AlarmEntry(
            alarm=alarm, kind=kind, text=text, at=raised + timedelta(seconds=after),
            actor=agent.actor_name if after else f"participant:{alarm.participant.number}",
            organisation="119 안전신고센터" if kind == Kind.HANDED_OVER else "",
            reference="2026-4471" if kind == Kind.HANDED_OVER else "",
        )
        for after, kind, text in log
    )  # fmt: skip


def walked(began: datetime, dice: Random) -> list[Fix]:
    """Give a walk from the city hall northwards, a position each minute."""
    return [
        Fix(
            began + minute * MINUTE,
            round(37.5725 + 0.0004 * minute + dice.uniform(-5e-5, 5e-5), 6),
            round(126.9769 + 0.0006 * minute + dice.uniform(-5e-5, 5e-5), 6),
            dice.randint(4, 20),
        )
        for minute in range(WALK)
    ]


def load_guides(world: World) -> int:
    """Write guides to the forms, one of them to be reviewed; give how often they were opened."""
    lead = StaffUser.objects.get(username="supervisor")
    dice = world.dice("guides")
    for slug, code, days, texts in GUIDES:
        guide = FormGuide.objects.create(
            slug=slug, code=code, owner=OWNER, review_on=world.today + timedelta(days=days)
        )
        GuideText.objects.bulk_create(
            GuideText(
                guide=guide, language=language, version=1, title=title,
                needed="\n".join(needed), steps="\n".join(steps), released_by=lead,
            )
            for language, (title, needed, steps) in texts.items()
        )  # fmt: skip
        GuideScan.objects.bulk_create(
            GuideScan(
                guide=guide, day=world.today - timedelta(days=day), way=way, language=language,
                count=dice.randint(1, 30),
            )
            for day in range(1, DAYS + 1)
            for way in ("qr", "link")
            for language in texts
        )  # fmt: skip
    return sum(GuideScan.objects.values_list("count", flat=True))
