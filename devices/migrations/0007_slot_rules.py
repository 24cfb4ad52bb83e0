from datetime import UTC, date, datetime

from django.db import migrations

SHIPPED = datetime(2026, 1, 1, tzinfo=UTC)
SIGN = "\n\n서울시 손목닥터9988 운영팀 드림\n문의: 02-120 (다산콜재단)"

TEMPLATES = [
    {
        "code": "slot_booked",
        "title": "예약이 완료되었습니다",
        "placeholders": ["site", "what", "when"],
        "push": "{site} {what} 예약이 완료되었습니다. ({when})",
        "alimtalk": "",
        "sms": "",
        "legal": False,
        "lasts_hours": 24,
    },
    {
        "code": "slot_moved_up",
        "title": "대기하시던 예약이 확정되었습니다",
        "placeholders": ["site", "what", "when"],
        "push": "대기하시던 {site} {what} 예약이 확정되었습니다. ({when})",
        "alimtalk": "{participant_name}님, 대기하시던 예약이 자리가 나서 확정되었습니다.\n\n▶ 장소: {site}\n▶ 내용: {what}\n▶ 일시: {when}\n\n오시기 어려우시면 시작 전까지 앱의 ‘내 예약’에서 취소해 주십시오. 다음 분께 순서가 넘어갑니다."
        + SIGN,
        "sms": "[손목닥터9988] 대기하시던 {site} {what} 예약이 확정되었습니다. {when}. 오시기 어려우시면 앱에서 취소해 주십시오.",
        "legal": False,
        "lasts_hours": 24,
    },
    {
        "code": "slot_reminder",
        "title": "내일 예약을 알려드립니다",
        "placeholders": ["site", "what", "when"],
        "push": "{when} {site} {what} 예약이 있습니다. 오시기 어려우시면 미리 취소해 주십시오.",
        "alimtalk": "{participant_name}님, 예약하신 일시가 다가왔습니다.\n\n▶ 장소: {site}\n▶ 내용: {what}\n▶ 일시: {when}\n\n오시기 어려우시면 시작 전까지 앱의 ‘내 예약’에서 취소해 주십시오. 취소하지 않고 오지 않으시면 다음 예약이 제한될 수 있습니다."
        + SIGN,
        "sms": "[손목닥터9988] {when} {site} {what} 예약이 있습니다. 오시기 어려우시면 앱에서 미리 취소해 주십시오.",
        "legal": False,
        "lasts_hours": 20,
    },
    {
        "code": "slot_closed",
        "title": "예약이 취소되었습니다",
        "placeholders": ["site", "what", "when", "why"],
        "push": "{when} {site} {what} 예약이 기관 사정으로 취소되었습니다.",
        "alimtalk": "{participant_name}님, 예약하신 시간을 운영할 수 없게 되어 예약이 취소되었습니다. 불편을 드려 죄송합니다.\n\n▶ 장소: {site}\n▶ 내용: {what}\n▶ 일시: {when}\n▶ 사유: {why}\n\n앱에서 다른 시간을 다시 예약하실 수 있습니다."
        + SIGN,
        "sms": "[손목닥터9988] {when} {site} {what} 예약이 취소되었습니다. 사유: {why}. 앱에서 다른 시간을 예약해 주십시오.",
        "legal": False,
        "lasts_hours": 72,
    },
    {
        "code": "slot_missed",
        "title": "예약하신 시간에 오지 않으셨습니다",
        "placeholders": ["site", "what", "when"],
        "push": "{when} {site} {what} 예약에 오지 않으신 것으로 확인되었습니다.",
        "alimtalk": "",
        "sms": "",
        "legal": False,
        "lasts_hours": 72,
    },
    {
        "code": "slot_paused",
        "title": "예약이 잠시 제한됩니다",
        "placeholders": ["site", "what", "when", "day"],
        "push": "예약에 거듭 오지 않으셔서 {day}부터 다시 예약하실 수 있습니다.",
        "alimtalk": "{participant_name}님, 취소하지 않고 오지 않으신 예약이 거듭되어 새 예약이 잠시 제한됩니다.\n\n▶ 최근 예약: {when} {site} {what}\n▶ 다시 예약하실 수 있는 날: {day}\n\n사정이 있으셨다면 해당 기관이나 다산콜재단(02-120)에 알려 주십시오. 확인되면 제한을 풀어 드립니다."
        + SIGN,
        "sms": "[손목닥터9988] 예약에 거듭 오지 않으셔서 {day}부터 다시 예약하실 수 있습니다. 사정이 있으셨다면 02-120으로 알려 주십시오.",
        "legal": True,
        "lasts_hours": None,
    },
    {
        "code": "slot_wait_over",
        "title": "예약 대기가 마감되었습니다",
        "placeholders": ["site", "what", "when"],
        "push": "{when} {site} {what} 예약 대기가 자리가 나지 않아 마감되었습니다.",
        "alimtalk": "",
        "sms": "",
        "legal": False,
        "lasts_hours": 12,
    },
]
# Seniors, newcomers and people whose readings need care move forward; missed visits move back.
PRIORITIES = [
    ("age_from", 65, 20),
    ("age_from", 75, 30),
    ("first_visit", 0, 10),
    ("open_alert", 0, 40),
    ("no_shows", 90, -20),
]
EFFECTIVE = date(2026, 1, 1)


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
    rule = apps.get_model("devices", "PriorityRule")
    rule.objects.bulk_create(
        rule(kind=kind, value=value, points=points, effective_from=EFFECTIVE)
        for kind, value, points in PRIORITIES
    )
    no_show = apps.get_model("devices", "NoShowRule")
    no_show.objects.create(effective_from=EFFECTIVE, count=2, within_days=60, pause_days=30)


def take_out(apps, schema_editor):
    codes = [words["code"] for words in TEMPLATES]
    template = apps.get_model("participants", "NotificationTemplate")
    template.objects.filter(code__in=codes, version=1).delete()
    apps.get_model("devices", "PriorityRule").objects.filter(effective_from=EFFECTIVE).delete()
    apps.get_model("devices", "NoShowRule").objects.filter(effective_from=EFFECTIVE).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("participants", "0021_offers_checked_by_statement"),
        ("devices", "0006_stock_reports"),
    ]

    operations = [migrations.RunPython(lay_in, take_out)]
