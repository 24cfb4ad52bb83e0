"""What people are told when an incident has cost them something, and when it was made good."""

from datetime import UTC, datetime

from django.db import migrations

SHIPPED = datetime(2026, 1, 1, tzinfo=UTC)
SIGN = "\n\n서울시 손목닥터9988 드림\n문의: 02-120 (다산콜재단)"

TEMPLATES = [
    {
        "code": "incident_affected",
        "category": "points",
        "title": "장애로 불편을 드려 죄송합니다",
        "placeholders": ["incident", "days"],
        "push": "‘{incident}’ 장애로 회원님의 {days}일 기록이 영향을 받았습니다. 따로 신고하지 않으셔도 저희가 확인하여 바로잡겠습니다.",
        "alimtalk": "{participant_name}님, ‘{incident}’ 장애로 불편을 드려 죄송합니다.\n\n▶ 영향을 받은 기록: {days}일\n\n따로 민원을 신청하지 않으셔도 저희가 확인하여 바로잡고 결과를 다시 알려드리겠습니다."
        + SIGN,
        "sms": "[손목닥터9988] ‘{incident}’ 장애로 회원님의 {days}일 기록이 영향을 받았습니다. 신고하지 않으셔도 저희가 바로잡겠습니다. 문의: 120",
        "letter": "",
        "legal": False,
        "lasts_hours": 72,
    },
    {
        "code": "make_good_posted",
        "category": "points",
        "title": "장애 보상 포인트가 지급되었습니다",
        "placeholders": ["incident", "days", "points"],
        "push": "‘{incident}’ 장애에 대한 보상으로 {points}포인트를 드렸습니다.",
        "alimtalk": "{participant_name}님, ‘{incident}’ 장애로 불편을 드린 데 대해 보상 포인트를 지급하였습니다.\n\n▶ 지급 포인트: {points}\n▶ 영향을 받은 기록: {days}일\n\n앱의 ‘포인트 내역’에서 확인하실 수 있습니다."
        + SIGN,
        "sms": "[손목닥터9988] ‘{incident}’ 장애 보상으로 {points}포인트를 드렸습니다. 앱의 포인트 내역에서 확인해 주세요. 문의: 120",
        "letter": "",
        "legal": False,
        "lasts_hours": 168,
    },
]


def lay_in(apps, schema_editor):
    template = apps.get_model("participants", "NotificationTemplate")
    template.objects.bulk_create(
        template(version=1, released_by="system:shipped", released_at=SHIPPED, **words)
        for words in TEMPLATES
    )


def take_out(apps, schema_editor):
    codes = [words["code"] for words in TEMPLATES]
    template = apps.get_model("participants", "NotificationTemplate")
    template.objects.filter(code__in=codes, version=1).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0008_incidents"),
        ("participants", "0021_offers_checked_by_statement"),
    ]

    operations = [migrations.RunPython(lay_in, take_out)]
