from datetime import UTC, datetime

from django.db import migrations

SHIPPED = datetime(2026, 1, 1, tzinfo=UTC)
SIGN = "\n\n서울시 손목닥터9988 운영팀 드림\n문의: 02-120 (다산콜재단)"

TEMPLATES = [
    {
        "code": "hold_raised",
        "title": "걸음 기록을 확인하고 있습니다",
        "placeholders": ["days", "until"],
        "push": "{days} 걸음 기록을 확인하고 있습니다. 결과는 {until}까지 알려드립니다.",
        "alimtalk": "{participant_name}님, {days} 걸음 기록에 확인이 필요하여 해당 날짜의 포인트 적립과 전환을 잠시 보류했습니다.\n\n▶ 결과 안내 기한: {until}\n\n보류한 이유와 수치는 앱의 ‘걸음 확인’에서 보실 수 있고, 의견이 있으시면 그곳에서 이의를 제기하실 수 있습니다. 문제가 없으면 포인트는 그대로 적립됩니다."
        + SIGN,
        "sms": "[손목닥터9988] {days} 걸음 기록을 확인 중입니다. {until}까지 결과를 알려드리며, 사유 확인과 이의 제기는 앱의 ‘걸음 확인’에서 하실 수 있습니다.",
        "letter": "",
        "legal": False,
        "lasts_hours": 240,
    },
    {
        "code": "hold_released",
        "title": "걸음 기록 확인이 끝났습니다",
        "placeholders": ["days"],
        "push": "{days} 걸음 기록이 인정되어 포인트가 적립되었습니다.",
        "alimtalk": "{participant_name}님, {days} 걸음 기록을 확인한 결과 문제가 없어 보류를 해제했습니다.\n\n해당 날짜의 포인트는 그날의 기준에 따라 적립되었습니다. 기다려 주셔서 고맙습니다."
        + SIGN,
        "sms": "[손목닥터9988] {days} 걸음 기록이 인정되어 보류를 해제했습니다. 기다려 주셔서 고맙습니다.",
        "letter": "",
        "legal": False,
        "lasts_hours": 240,
    },
    {
        "code": "hold_confirmed",
        "title": "걸음 기록 확인 결과를 알려드립니다",
        "placeholders": ["days", "reason", "until"],
        "push": "{days} 걸음 기록은 적립 대상으로 인정되지 않았습니다. 앱에서 사유를 확인해 주세요.",
        "alimtalk": "{participant_name}님, {days} 걸음 기록을 확인한 결과 적립 대상으로 인정되지 않았습니다.\n\n▶ 사유: {reason}\n▶ 이의신청 기한: {until}\n\n결과에 동의하지 않으시면 앱의 ‘걸음 확인’에서 이의를 신청하실 수 있습니다. 처음 판단한 사람이 아닌 다른 담당자가 다시 살펴봅니다."
        + SIGN,
        "sms": "[손목닥터9988] {days} 걸음 기록이 인정되지 않았습니다. 사유: {reason} 이의신청은 {until}까지 앱의 ‘걸음 확인’에서 하실 수 있습니다.",
        "letter": "{participant_name}님께\n\n{days} 걸음 기록을 확인한 결과 포인트 적립 대상으로 인정되지 않았음을 알려드립니다.\n\n사유: {reason}\n\n결과에 동의하지 않으시면 {until}까지 앱의 ‘걸음 확인’ 또는 다산콜재단(02-120)을 통하여 이의를 신청하실 수 있습니다."
        + SIGN,
        "legal": True,
        "lasts_hours": None,
    },
    {
        "code": "hold_appeal_received",
        "title": "이의신청이 접수되었습니다",
        "placeholders": ["until"],
        "push": "걸음 확인에 대한 이의신청이 접수되었습니다. {until}까지 결과를 알려드립니다.",
        "alimtalk": "{participant_name}님, 걸음 확인에 대한 이의신청이 접수되었습니다.\n\n▶ 결과 안내 기한: {until}\n\n처음 판단한 사람이 아닌 다른 담당자가 다시 살펴보고 결과를 알려드립니다."
        + SIGN,
        "sms": "[손목닥터9988] 걸음 확인에 대한 이의신청이 접수되었습니다. {until}까지 결과를 알려드립니다.",
        "letter": "",
        "legal": False,
        "lasts_hours": 72,
    },
    {
        "code": "hold_appeal_decided",
        "title": "이의신청 결과를 알려드립니다",
        "placeholders": ["result", "answer"],
        "push": "걸음 확인에 대한 이의신청 결과가 나왔습니다. ({result})",
        "alimtalk": "{participant_name}님, 걸음 확인에 대한 이의신청 결과를 알려드립니다.\n\n▶ 결과: {result}\n▶ 사유: {answer}\n\n자세한 내용은 앱의 ‘걸음 확인’에서 확인하실 수 있습니다."
        + SIGN,
        "sms": "[손목닥터9988] 걸음 확인 이의신청 결과: {result}. 사유: {answer}",
        "letter": "{participant_name}님께\n\n걸음 확인에 대한 이의신청 결과를 알려드립니다.\n\n결과: {result}\n사유: {answer}\n\n자세한 내용은 앱의 ‘걸음 확인’ 또는 다산콜재단(02-120)에서 확인하실 수 있습니다."
        + SIGN,
        "legal": True,
        "lasts_hours": None,
    },
    {
        "code": "clawback_notice",
        "title": "포인트 환수를 미리 알려드립니다",
        "placeholders": ["amount", "reason", "until"],
        "push": "{amount}포인트 환수 예정을 알려드립니다. {until}까지 이의를 제기하실 수 있습니다.",
        "alimtalk": "{participant_name}님, 아래와 같이 포인트를 환수할 예정임을 미리 알려드립니다.\n\n▶ 환수 예정: {amount}포인트\n▶ 사유: {reason}\n▶ 이의 제기 기한: {until}\n\n기한 전에는 환수하지 않습니다. 동의하지 않으시면 앱의 ‘포인트 환수’에서 이의를 제기해 주세요. 이의를 제기하시면 결과가 나올 때까지 환수를 멈추고, 다른 담당자가 다시 살펴봅니다."
        + SIGN,
        "sms": "[손목닥터9988] {amount}포인트 환수 예정입니다. 사유: {reason} 동의하지 않으시면 {until}까지 앱의 ‘포인트 환수’에서 이의를 제기해 주세요. 이의를 제기하시면 결과가 나올 때까지 환수하지 않습니다.",
        "letter": "{participant_name}님께\n\n아래와 같이 포인트를 환수할 예정임을 미리 알려드립니다.\n\n환수 예정: {amount}포인트\n사유: {reason}\n이의 제기 기한: {until}\n\n기한 전에는 환수하지 않습니다. 동의하지 않으시면 기한까지 앱의 ‘포인트 환수’ 또는 다산콜재단(02-120)을 통하여 이의를 제기하실 수 있으며, 이의를 제기하시면 결과가 나올 때까지 환수를 멈춥니다."
        + SIGN,
        "legal": True,
        "lasts_hours": None,
    },
    {
        "code": "clawback_objection",
        "title": "이의 제기가 접수되었습니다",
        "placeholders": ["until"],
        "push": "포인트 환수에 대한 이의가 접수되었습니다. {until}까지 결과를 알려드립니다.",
        "alimtalk": "{participant_name}님, 포인트 환수에 대한 이의가 접수되어 환수를 멈추었습니다.\n\n▶ 결과 안내 기한: {until}\n\n환수를 결정하지 않은 다른 담당자가 다시 살펴보고 결과를 알려드립니다."
        + SIGN,
        "sms": "[손목닥터9988] 포인트 환수에 대한 이의가 접수되어 환수를 멈추었습니다. {until}까지 결과를 알려드립니다.",
        "letter": "",
        "legal": False,
        "lasts_hours": 72,
    },
    {
        "code": "clawback_decided",
        "title": "이의 제기 결과를 알려드립니다",
        "placeholders": ["result", "answer"],
        "push": "포인트 환수에 대한 이의 제기 결과가 나왔습니다. ({result})",
        "alimtalk": "{participant_name}님, 포인트 환수에 대한 이의 제기 결과를 알려드립니다.\n\n▶ 결과: {result}\n▶ 사유: {answer}\n\n자세한 내용은 앱의 ‘포인트 환수’에서 확인하실 수 있습니다."
        + SIGN,
        "sms": "[손목닥터9988] 포인트 환수 이의 제기 결과: {result}. 사유: {answer}",
        "letter": "{participant_name}님께\n\n포인트 환수에 대한 이의 제기 결과를 알려드립니다.\n\n결과: {result}\n사유: {answer}\n\n자세한 내용은 앱의 ‘포인트 환수’ 또는 다산콜재단(02-120)에서 확인하실 수 있습니다."
        + SIGN,
        "legal": True,
        "lasts_hours": None,
    },
    {
        "code": "clawback_taken",
        "title": "포인트가 환수되었습니다",
        "placeholders": ["amount", "outstanding"],
        "push": "{amount}포인트가 환수되었습니다.",
        "alimtalk": "{participant_name}님, 앞서 알려드린 대로 {amount}포인트가 환수되었습니다.\n\n▶ 잔액이 부족하여 환수하지 못한 포인트: {outstanding}포인트\n\n내역은 앱의 ‘포인트 내역’에서 확인하실 수 있습니다."
        + SIGN,
        "sms": "[손목닥터9988] {amount}포인트가 환수되었습니다. 잔액이 부족하여 환수하지 못한 포인트는 {outstanding}포인트입니다.",
        "letter": "",
        "legal": False,
        "lasts_hours": 240,
    },
]


def lay_in(apps, schema_editor):
    template = apps.get_model("participants", "NotificationTemplate")
    template.objects.bulk_create(
        template(
            version=1, category="points", released_by="system:shipped", released_at=SHIPPED, **words
        )
        for words in TEMPLATES
    )


def take_out(apps, schema_editor):
    codes = [words["code"] for words in TEMPLATES]
    template = apps.get_model("participants", "NotificationTemplate")
    template.objects.filter(code__in=codes, version=1).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("participants", "0021_offers_checked_by_statement"),
        ("points", "0016_campaign_pot_and_rates"),
    ]

    operations = [migrations.RunPython(lay_in, take_out)]
