"""The ladder of recovery as it ships, and what citizens are told on it."""

from datetime import UTC, date, datetime

from django.db import migrations

SHIPPED = datetime(2026, 1, 1, tzinfo=UTC)
FROM = date(2026, 1, 1)
SIGN = "\n\n서울시 손목닥터9988 운영팀 드림\n문의: 02-120 (다산콜재단)"
HOW = "앱의 ‘내 워치’에서 택배 회수를 신청하시거나 가까운 보건소에 가져다주세요."

# Days after the due day, kind, template, cost in won, days after the rung before.
LADDER = [
    (-14, "message", "watch_due_soon", 20, 0),
    (-7, "message", "watch_due_soon", 20, 0),
    (0, "message", "watch_due_today", 20, 0),
    (7, "message", "watch_overdue", 20, 0),
    (14, "call", "", 900, 0),
    (30, "letter", "watch_overdue_letter", 3_100, 7),
    (60, "compensation", "", 0, 14),
]


def words(code, title, *, push="", alimtalk="", sms="", letter="", legal=False, hours=72):
    return {
        "code": code,
        "category": "watch",
        "title": title,
        "placeholders": ["serial", "due_on"],
        "push": push,
        "alimtalk": alimtalk + SIGN if alimtalk else "",
        "sms": f"[손목닥터9988] {sms}" if sms else "",
        "letter": letter + SIGN if letter else "",
        "legal": legal,
        "lasts_hours": hours,
    }


TEMPLATES = [
    words(
        "watch_due_soon",
        "워치 반납일이 다가옵니다",
        push="빌려 가신 워치의 반납일은 {due_on}입니다.",
        alimtalk="{participant_name}님, 빌려 가신 워치({serial})의 반납일은 {due_on}입니다.\n\n"
        + HOW,
        sms="워치({serial}) 반납일은 {due_on}입니다. 앱에서 택배 회수를 신청하실 수 있습니다.",
    ),
    words(
        "watch_due_today",
        "오늘은 워치 반납일입니다",
        push="빌려 가신 워치를 오늘({due_on})까지 반납해 주세요.",
        alimtalk="{participant_name}님, 빌려 가신 워치({serial})를 오늘({due_on})까지 반납해 주세요.\n\n"
        + HOW,
        sms="워치({serial})를 오늘({due_on})까지 반납해 주세요. 앱에서 택배 회수를 신청하실 수 있습니다.",
    ),
    words(
        "watch_overdue",
        "워치 반납일이 지났습니다",
        push="워치 반납일({due_on})이 지났습니다. 반납하시기 전에는 포인트를 전환하실 수 없습니다.",
        alimtalk="{participant_name}님, 빌려 가신 워치({serial})의 반납일({due_on})이 지났습니다.\n\n"
        + HOW
        + " 반납하시기 전에는 포인트를 전환하실 수 없습니다.",
        sms="워치({serial}) 반납일({due_on})이 지났습니다. 앱에서 택배 회수를 신청해 주세요.",
        hours=168,
    ),
    words(
        "watch_overdue_letter",
        "워치 반납 요청",
        letter="{participant_name}님께\n\n빌려 가신 워치({serial})의 반납일({due_on})이 30일 넘게 지났습니다. 워치는 서울시의 물품입니다. "
        + HOW
        + "\n\n계속 반납하지 않으시면 대여 약관에 따라 변상을 요청드릴 수 있습니다. 이미 보내셨다면 이 안내는 무시하셔도 됩니다.",
        legal=True,
        hours=None,
    ),
    words(
        "watch_recall",
        "워치를 반납해 주세요",
        push="빌려 가신 워치를 반납해 주세요. 반납일은 {due_on}이었습니다.",
        alimtalk="{participant_name}님, 사용하지 않으시는 워치({serial})를 다른 시민이 쓸 수 있도록 반납해 주세요.\n\n▶ 반납일: {due_on}\n\n"
        + HOW,
        sms="워치({serial})를 반납해 주세요. 반납일 {due_on}. 앱에서 택배 회수를 신청하실 수 있습니다.",
        hours=168,
    ),
    words(
        "watch_recall_letter",
        "워치 반납 요청",
        letter="{participant_name}님께\n\n빌려 가신 워치({serial}, 반납일 {due_on})를 다른 시민이 쓸 수 있도록 반납해 주시기 바랍니다. "
        + HOW,
        hours=None,
    ),
]


def lay_in(apps, schema_editor):
    policy = apps.get_model("devices", "RecoveryPolicy")
    policy.objects.bulk_create(
        policy(
            offset_days=offset, kind=kind, template=template, cost=cost, wait_days=wait,
            effective_from=FROM,
        )
        for offset, kind, template, cost, wait in LADDER
    )  # fmt: skip
    template = apps.get_model("participants", "NotificationTemplate")
    template.objects.bulk_create(
        template(version=1, released_by="system:shipped", released_at=SHIPPED, **row)
        for row in TEMPLATES
    )


def take_out(apps, schema_editor):
    codes = [row["code"] for row in TEMPLATES]
    template = apps.get_model("participants", "NotificationTemplate")
    template.objects.filter(code__in=codes, version=1).delete()
    apps.get_model("devices", "RecoveryPolicy").objects.filter(effective_from=FROM).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("participants", "0021_offers_checked_by_statement"),
        ("devices", "0009_recovery"),
    ]

    operations = [migrations.RunPython(lay_in, take_out)]
