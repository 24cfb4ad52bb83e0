"""The programme's real recruitment rounds of 2021 to 2025, as they were announced."""

from datetime import date, time

from .round_plans import (
    BY_WEEKDAY,
    EVERYBODY,
    FIRST_COME,
    OWN,
    RESIDENTS_AND_WORKERS,
    ROLLING,
    SIX,
    STATUS,
    WATCH,
    LanePlan,
    QuotaPlan,
    RoundPlan,
    Window,
    at,
    lane,
)

NINE, MIDNIGHT = time(9), time(0)
WEEKDAYS = {"10": 1, "20": 1, "30": 2, "40": 3, "50": 4, "60": 5}
WITH_BUSINESS_CARD = {
    "worker": ["business_card", "employment"],
    "student": ["student_card"],
    "self_employed": ["business"],
}
VULNERABLE = {"new_mother": 2_000, "metabolic": 3_000, "one_person": 3_000}
ALSO_VULNERABLE = {"isolated_youth": 1_000, "senior": 3_000}


def real_rounds() -> tuple[RoundPlan, ...]:
    return (pilot(), second(), third(), third_more(), standing(), adults())


def pilot() -> RoundPlan:
    """Three waves for stable operation; the first two ended when their goals were passed."""
    waves = (
        QuotaPlan("wave-1", 10_000, window=(at(date(2021, 11, 1)), at(date(2021, 11, 1), SIX))),
        QuotaPlan(
            "wave-2", 15_000, window=(at(date(2021, 11, 22)), at(date(2021, 11, 22), time(19, 20)))
        ),
        QuotaPlan("wave-3", 25_000, window=(at(date(2021, 12, 6)), at(date(2021, 12, 7)))),
    )
    window = at(date(2021, 11, 1)), at(date(2021, 12, 7))
    return RoundPlan(
        "2021-1", "1기 온서울 건강온 시범사업", STATUS.ARCHIVED,
        (date(2021, 11, 9), date(2022, 7, 31)),
        RESIDENTS_AND_WORKERS, (19, 64), date(2021, 12, 31),
        (LanePlan(WATCH, FIRST_COME, window, waves),),
    )  # fmt: skip


def second() -> RoundPlan:
    """Two weeks by weekday and age; special days between, left seats for the second week."""
    quotas = (
        QuotaPlan("week-2", 80_750, window=(at(date(2022, 12, 19)), at(date(2022, 12, 24)))),
        QuotaPlan("week-1", 80_750, window=(at(date(2022, 12, 5)), at(date(2022, 12, 10)))),
        QuotaPlan("new-mother", 1_000, "new_mother", window=whole_day(date(2022, 12, 12))),
        QuotaPlan("metabolic", 2_500, "metabolic", window=whole_day(date(2022, 12, 13))),
        QuotaPlan(
            "one-person", 15_000, "one_person",
            window=(at(date(2022, 12, 14)), at(date(2022, 12, 17))),
        ),
    )  # fmt: skip
    window = at(date(2022, 12, 5)), at(date(2022, 12, 24))
    return RoundPlan(
        "2022-2", "2기 손목닥터9988", STATUS.ARCHIVED,
        (date(2023, 1, 2), date(2023, 8, 31)),
        RESIDENTS_AND_WORKERS, (19, 69), date(2022, 12, 31),
        (LanePlan(WATCH, BY_WEEKDAY, window, quotas, WEEKDAYS),),
    )  # fmt: skip


def whole_day(day: date) -> Window:
    return at(day, NINE), at(day, SIX)


def third() -> RoundPlan:
    return RoundPlan(
        "2023-3", "3기 손목닥터9988", STATUS.ARCHIVED,
        (date(2023, 9, 11), date(2024, 3, 10)),
        EVERYBODY, (19, 75), date(2023, 12, 31),
        (
            lane(WATCH, FIRST_COME, date(2023, 8, 28), date(2023, 9, 9), general=120_000),
            lane(OWN, FIRST_COME, date(2023, 8, 28), date(2023, 9, 9), general=30_000),
        ),
    )  # fmt: skip


def third_more() -> RoundPlan:
    """A with a watch, special groups apart; B, three weeks later, with an own one."""
    groups = VULNERABLE | ALSO_VULNERABLE
    general = 50_000 - sum(groups.values())
    return RoundPlan(
        "2023-3-more", "3기 추가 모집", STATUS.ARCHIVED,
        (date(2023, 12, 11), date(2024, 6, 30)),
        EVERYBODY, (19, 75), date(2023, 12, 31),
        (
            lane(
                WATCH, FIRST_COME, date(2023, 11, 27), date(2023, 12, 9), general=general, **groups
            ),
            lane(OWN, FIRST_COME, date(2023, 12, 18), date(2023, 12, 30), general=20_000),
        ),
    )  # fmt: skip


def standing() -> RoundPlan:
    """All year round, no oldest age, no watch; a business card will do for workers."""
    return RoundPlan(
        "2024-standing", "2024 상시 모집", STATUS.ENDED,
        (date(2024, 3, 5), date(2025, 12, 31)),
        EVERYBODY, (19, None), date(2024, 3, 4),
        (lane(OWN, ROLLING, date(2024, 3, 4), date(2024, 12, 31), general=1_000_000),),
        WITH_BUSINESS_CARD,
    )  # fmt: skip


def adults() -> RoundPlan:
    return RoundPlan(
        "2025-standing", "2025 상시 모집", STATUS.ENDED,
        (date(2025, 1, 2), date(2026, 6, 30)),
        ("resident", "worker", "student"), (18, None), date(2025, 1, 2),
        (lane(OWN, ROLLING, date(2025, 1, 2), date(2025, 12, 31), general=1_000_000),),
        WITH_BUSINESS_CARD,
    )  # fmt: skip
