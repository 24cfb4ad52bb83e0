"""What people are told of points that will expire, and of more time they were given."""

from datetime import UTC, datetime

from django.db import migrations

SHIPPED = datetime(2026, 1, 1, tzinfo=UTC)
SIGN = "\n\n서울시 손목닥터9988 운영팀 드림\n문의: 02-120 (다산콜재단)"

TEMPLATES = [
    {
        "code": "points_expiring",
        "category": "points",
        "title": "곧 소멸되는 포인트가 있습니다",
        "placeholders": ["month", "points", "first_on"],
        "push": "{month}에 {points}포인트가 소멸됩니다. 첫 소멸일은 {first_on}입니다. 소멸되기 전에 서울페이로 전환해 주세요.",
        "alimtalk": "{participant_name}님, 적립하신 포인트 중 일부가 곧 소멸됩니다.\n\n▶ 소멸 시기: {month}\n▶ 소멸 예정: {points}포인트\n▶ 첫 소멸일: {first_on}\n\n소멸일 전에 앱의 ‘포인트 전환’에서 서울페이로 전환하실 수 있습니다. 오래된 포인트부터 사용됩니다."
        + SIGN,
        "sms": "[손목닥터9988] {month}에 {points}포인트가 소멸됩니다. 첫 소멸일은 {first_on}입니다. 소멸 전에 앱에서 전환해 주세요.",
        "letter": "",
        "legal": False,
        "lasts_hours": 168,
    },
    {
        "code": "points_expiry_extended",
        "category": "points",
        "title": "포인트 소멸일이 연장되었습니다",
        "placeholders": ["points", "until"],
        "push": "소멸 예정이던 {points}포인트를 {until} 전까지 사용하실 수 있습니다.",
        "alimtalk": "{participant_name}님, 포인트 소멸일이 연장되었습니다.\n\n▶ 대상: {points}포인트\n▶ 연장된 소멸일: {until}\n\n연장된 소멸일 전까지 앱의 ‘포인트 전환’에서 서울페이로 전환하실 수 있습니다. 따로 신청하실 필요는 없습니다."
        + SIGN,
        "sms": "[손목닥터9988] 포인트 소멸일이 연장되었습니다. {points}포인트를 {until} 전까지 사용하실 수 있습니다.",
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
        ("participants", "0021_offers_checked_by_statement"),
        ("points", "0013_expiry_runs"),
    ]

    operations = [migrations.RunPython(lay_in, take_out)]
