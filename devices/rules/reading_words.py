"""Why a reading was not kept, as a sentence; and how offices spell kinds and columns."""

from collections.abc import Mapping

from django.utils.translation import gettext, gettext_noop

REASONS: Mapping[str, str] = {
    "unknown_person": gettext_noop("No participant has this number."),
    "no_consent": gettext_noop("This person has not agreed to the use of health data."),
    "unknown_kind": gettext_noop("This kind of reading is not known."),
    "unknown_unit": gettext_noop("This unit does not fit; known are {units}."),
    "not_a_number": gettext_noop("The value is not a plain number."),
    "other_unit": gettext_noop(
        "The value is outside {low}–{high} {unit}. Was it measured in {meant}?"
    ),
    "out_of_range": gettext_noop("The value is outside {low}–{high} {unit}: measure again."),
    "bad_time": gettext_noop("The time of measuring cannot be read."),
    "from_the_future": gettext_noop(
        "The time of measuring lies more than {minutes} minutes ahead: check the clock."
    ),
    "too_old": gettext_noop("The time of measuring lies more than {days} days back."),
    "unknown_instrument": gettext_noop("This instrument does not stand at this site."),
    "wrong_instrument": gettext_noop("This instrument does not measure this kind."),
    "pressures_swapped": gettext_noop(
        "The lower blood pressure is not below the upper one: were they swapped?"
    ),
    "another_value": gettext_noop("Another value of this kind is kept for this moment: {known}."),
    "repeated": gettext_noop("This reading has already been kept."),
    "calibration_overdue": gettext_noop(
        "Kept, but marked: the instrument's calibration had run out."
    ),
}
KINDS: Mapping[str, str] = {
    "수축기": "systolic", "수축기혈압": "systolic", "최고혈압": "systolic", "sbp": "systolic",
    "이완기": "diastolic", "이완기혈압": "diastolic", "최저혈압": "diastolic", "dbp": "diastolic",
    "맥박": "pulse", "체중": "weight", "몸무게": "weight", "신장": "height", "키": "height",
    "허리둘레": "waist", "체지방률": "body_fat", "체지방": "body_fat", "체질량지수": "bmi",
    "공복혈당": "glucose_fasting", "혈당": "glucose", "악력": "grip", "체온": "temperature",
}  # fmt: skip
COLUMNS: Mapping[str, str] = {
    "참여자번호": "number", "번호": "number", "항목": "kind", "측정항목": "kind", "값": "value",
    "측정값": "value", "단위": "unit", "측정일시": "measured_at", "일시": "measured_at",
    "기기": "instrument", "측정기기": "instrument", "성별": "sex",
}  # fmt: skip
SEXES: Mapping[str, str] = {
    "남": "m",
    "남자": "m",
    "남성": "m",
    "여": "f",
    "여자": "f",
    "여성": "f",
}
# What a message may call a kind: no value and no more than the topic leaves the house.
TOPICS: Mapping[str, str] = {
    "systolic": "혈압", "diastolic": "혈압", "pulse": "맥박", "weight": "체중", "height": "신장",
    "waist": "허리둘레", "body_fat": "체지방", "bmi": "체질량지수", "glucose_fasting": "혈당",
    "glucose": "혈당", "grip": "악력", "temperature": "체온",
}  # fmt: skip
INSTRUMENTS: Mapping[str, frozenset[str]] = {
    "blood_pressure": frozenset({"systolic", "diastolic", "pulse"}),
    "body_composition": frozenset({"weight", "body_fat", "bmi"}),
    "height_weight": frozenset({"weight", "height", "bmi"}),
    "glucose": frozenset({"glucose", "glucose_fasting"}),
    "grip": frozenset({"grip"}),
    "tape": frozenset({"waist", "height"}),
}


def sentence(reason: str, terms: Mapping[str, str] | None = None) -> str:
    """Say why, in the reader's language."""
    return gettext(REASONS[reason]).format(**(terms or {})) if reason in REASONS else ""


def kind_of(text: str) -> str:
    spelled = "".join(text.split()).lower()
    return KINDS.get(spelled, spelled)


def sex_of(text: str) -> str:
    spelled = text.strip().lower()
    return SEXES.get(spelled, spelled if spelled in {"m", "f"} else "")


def topic_of(kind: str) -> str:
    """Give the kind under which calls are made: both blood pressures are one call."""
    return {"diastolic": "systolic", "glucose_fasting": "glucose"}.get(kind, kind)
