"""What people are told once points have expired."""

from datetime import UTC, datetime

from django.db import migrations

SHIPPED = datetime(2026, 1, 1, tzinfo=UTC)
SIGN = "\n\n서울시 손목닥터9988 운영팀 드림\n문의: 02-120 (다산콜재단)"

TEMPLATES = [
    {
        "code": "points_expired",
        "category": "points",
        "title": "포인트가 소멸되었습니다",
        "placeholders": ["day", "points", "balance"],
        "push": "{day}에 유효기간이 지난 {points}포인트가 소멸되었습니다. 남은 포인트는 {balance}포인트입니다.",
        "alimtalk": "{participant_name}님, 유효기간이 지난 포인트가 소멸되었습니다.\n\n▶ 소멸일: {day}\n▶ 소멸 포인트: {points}포인트\n▶ 남은 포인트: {balance}포인트\n\n자세한 내역은 앱의 ‘포인트 내역’에서 보실 수 있습니다. 사실과 다르면 앱이나 전화로 이의를 제기하실 수 있습니다."
        + SIGN,
        "sms": "[손목닥터9988] {day}에 {points}포인트가 소멸되었습니다. 남은 포인트는 {balance}포인트입니다. 문의: 02-120",
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
        ("points", "0024_citizens_words"),
    ]

    operations = [migrations.RunPython(lay_in, take_out)]
