from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import migrations

SHIPPED = datetime(2026, 1, 1, tzinfo=UTC)
EFFECTIVE = date(2026, 1, 1)
SIGN = "\n\n서울시 손목닥터9988 운영팀 드림\n문의: 02-120 (다산콜재단)"
PRESSURE = "대한고혈압학회 고혈압 진료지침 2022"
GLUCOSE = "대한당뇨병학회 당뇨병 진료지침 2023"
OBESITY = "대한비만학회 비만 진료지침 2022"
GRIP = "아시아 근감소증 진단기준 AWGS 2019"
WATCH, RISK, URGENT = 1, 2, 3

# Kind, side, value, level, sex, ages, what it means, hours to call back, message, source.
THRESHOLDS = [
    ("systolic", "from", "130", WATCH, "", 0, 150, "고혈압 전단계", None, "reading_watch", PRESSURE),
    ("systolic", "from", "160", RISK, "", 0, 150, "2기 고혈압", 24, "reading_risk", PRESSURE),
    ("systolic", "from", "180", URGENT, "", 0, 150, "고혈압성 위기 의심", 1, "reading_urgent", PRESSURE),
    ("systolic", "below", "90", RISK, "", 0, 150, "저혈압 의심", 24, "reading_risk", PRESSURE),
    ("diastolic", "from", "80", WATCH, "", 0, 150, "고혈압 전단계", None, "reading_watch", PRESSURE),
    ("diastolic", "from", "100", RISK, "", 0, 150, "2기 고혈압", 24, "reading_risk", PRESSURE),
    ("diastolic", "from", "120", URGENT, "", 0, 150, "고혈압성 위기 의심", 1, "reading_urgent", PRESSURE),
    ("glucose_fasting", "from", "100", WATCH, "", 0, 150, "공복혈당장애", None, "reading_watch", GLUCOSE),
    ("glucose_fasting", "from", "126", RISK, "", 0, 150, "당뇨병 의심", 72, "reading_risk", GLUCOSE),
    ("glucose_fasting", "below", "70", RISK, "", 0, 150, "1단계 저혈당", 4, "reading_risk", GLUCOSE),
    ("glucose_fasting", "below", "54", URGENT, "", 0, 150, "2단계 저혈당", 1, "reading_urgent", GLUCOSE),
    ("glucose", "from", "140", WATCH, "", 0, 150, "내당능장애 의심", None, "reading_watch", GLUCOSE),
    ("glucose", "from", "200", RISK, "", 0, 150, "당뇨병 의심", 24, "reading_risk", GLUCOSE),
    ("glucose", "from", "300", URGENT, "", 0, 150, "심한 고혈당", 2, "reading_urgent", GLUCOSE),
    ("glucose", "below", "70", RISK, "", 0, 150, "1단계 저혈당", 4, "reading_risk", GLUCOSE),
    ("glucose", "below", "54", URGENT, "", 0, 150, "2단계 저혈당", 1, "reading_urgent", GLUCOSE),
    ("bmi", "from", "25", WATCH, "", 0, 150, "비만", None, "reading_watch", OBESITY),
    ("waist", "from", "90", WATCH, "m", 0, 150, "복부비만(남)", None, "reading_watch", OBESITY),
    ("waist", "from", "85", WATCH, "f", 0, 150, "복부비만(여)", None, "reading_watch", OBESITY),
    ("grip", "below", "28", WATCH, "m", 65, 150, "근력 저하(남)", None, "reading_watch", GRIP),
    ("grip", "below", "18", WATCH, "f", 65, 150, "근력 저하(여)", None, "reading_watch", GRIP),
]  # fmt: skip

TEMPLATES = [
    {
        "code": "reading_watch",
        "title": "측정 결과 안내",
        "placeholders": ["site", "what"],
        "push": "{site}에서 측정하신 {what} 결과에 관리가 필요합니다. 앱에서 확인해 주십시오.",
        "alimtalk": "",
        "sms": "",
        "legal": False,
        "lasts_hours": 72,
    },
    {
        "code": "reading_risk",
        "title": "측정 결과를 꼭 확인해 주세요",
        "placeholders": ["site", "what"],
        "push": "{site}에서 측정하신 {what} 결과를 꼭 확인해 주십시오. 담당자가 전화드립니다.",
        "alimtalk": "{participant_name}님, {site}에서 측정하신 {what} 결과에 주의가 필요합니다.\n\n자세한 결과는 앱의 ‘내 측정’에서 확인하실 수 있으며, 보건소 담당자가 전화로 안내해 드립니다. 복용 중인 약이 있으시면 임의로 중단하지 마시고 가까운 의료기관에서 상담해 주십시오."
        + SIGN,
        "sms": "[손목닥터9988] {site}에서 측정하신 {what} 결과에 주의가 필요합니다. 담당자가 전화드립니다. 결과는 앱의 ‘내 측정’에서 확인해 주십시오.",
        "legal": False,
        "lasts_hours": 72,
    },
    {
        "code": "reading_urgent",
        "title": "지금 확인이 필요합니다",
        "placeholders": ["site", "what"],
        "push": "{site}에서 측정하신 {what} 결과에 빠른 확인이 필요합니다. 증상이 있으면 119에 연락하십시오.",
        "alimtalk": "{participant_name}님, {site}에서 측정하신 {what} 결과에 빠른 확인이 필요합니다.\n\n가슴 통증, 호흡 곤란, 심한 두통, 말이 어눌하거나 의식이 흐려지는 증상이 있으면 바로 119에 연락하십시오. 증상이 없더라도 오늘 의료기관에서 진료를 받으시기 바랍니다. 보건소 담당자가 곧 전화드립니다."
        + SIGN,
        "sms": "[손목닥터9988] {site} {what} 측정 결과에 빠른 확인이 필요합니다. 가슴 통증, 호흡 곤란 등 증상이 있으면 119에 연락하십시오. 담당자가 곧 전화드립니다.",
        "legal": True,
        "lasts_hours": 24,
    },
    {
        "code": "reading_unreached",
        "title": "측정 결과 안내 전화를 드렸습니다",
        "placeholders": ["site", "what"],
        "push": "{what} 측정 결과를 안내하려 전화드렸으나 통화하지 못했습니다.",
        "alimtalk": "{participant_name}님, {what} 측정 결과를 안내해 드리려고 여러 번 전화드렸으나 통화하지 못했습니다.\n\n앱의 ‘내 측정’에서 결과를 확인하시고, {site} 또는 가까운 의료기관에서 상담해 주십시오."
        + SIGN,
        "sms": "[손목닥터9988] {what} 측정 결과를 안내하려 전화드렸으나 통화하지 못했습니다. 앱에서 결과를 확인하시고 {site} 또는 의료기관에서 상담해 주십시오.",
        "letter": "{participant_name}님께\n\n{site}에서 측정하신 {what} 결과에 주의가 필요하여 여러 번 전화드렸으나 통화하지 못했습니다.\n\n앱의 ‘내 측정’에서 결과를 확인하시고, {site} 또는 가까운 의료기관에서 상담해 주시기 바랍니다."
        + SIGN,
        "legal": True,
        "lasts_hours": None,
    },
]


def lay_in(apps, schema_editor):
    template = apps.get_model("participants", "NotificationTemplate")
    template.objects.bulk_create(
        template(
            version=1,
            category="participation",
            released_by="system:shipped",
            released_at=SHIPPED,
            **words,
        )
        for words in TEMPLATES
    )
    threshold = apps.get_model("devices", "Threshold")
    threshold.objects.bulk_create(
        threshold(
            kind=kind,
            side=side,
            value=Decimal(value),
            level=level,
            sex=sex,
            age_from=age_from,
            age_to=age_to,
            message=message,
            call_within_hours=hours,
            template=code,
            source=source,
            effective_from=EFFECTIVE,
        )
        for kind, side, value, level, sex, age_from, age_to, message, hours, code, source in (
            THRESHOLDS
        )
    )


def take_out(apps, schema_editor):
    codes = [words["code"] for words in TEMPLATES]
    template = apps.get_model("participants", "NotificationTemplate")
    template.objects.filter(code__in=codes, version=1).delete()
    apps.get_model("devices", "Threshold").objects.filter(effective_from=EFFECTIVE).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("participants", "0021_offers_checked_by_statement"),
        ("devices", "0007_slot_rules"),
    ]

    operations = [migrations.RunPython(lay_in, take_out)]
