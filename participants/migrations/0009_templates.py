from datetime import UTC, datetime

from django.db import migrations

SHIPPED = datetime(2026, 1, 1, tzinfo=UTC)
SIGN = "\n\n서울시 손목닥터9988 운영팀 드림\n문의: 02-120 (다산콜재단)"

TEMPLATES = [
    {
        "code": "application_received",
        "category": "recruitment",
        "title": "신청이 접수되었습니다",
        "placeholders": ["round", "receipt_no"],
        "push": "{round} 신청이 접수되었습니다. 접수번호는 {receipt_no}입니다.",
        "alimtalk": "{participant_name}님, {round} 참여 신청이 접수되었습니다.\n\n▶ 접수번호: {receipt_no}\n\n심사 결과는 따로 알려드립니다. 진행 상황은 앱의 ‘신청 내역’에서 확인하실 수 있습니다."
        + SIGN,
        "sms": "[손목닥터9988] {round} 신청이 접수되었습니다. 접수번호 {receipt_no}",
        "letter": "",
        "legal": False,
        "lasts_hours": 72,
    },
    {
        "code": "evidence_needed",
        "category": "recruitment",
        "title": "서류를 보완해 주세요",
        "placeholders": ["round", "receipt_no"],
        "push": "{round} 신청에 필요한 서류를 확인하지 못했습니다. 앱에서 보완해 주세요.",
        "alimtalk": "{participant_name}님, {round} 참여 신청({receipt_no})을 심사하던 중 서류 보완이 필요한 것을 확인했습니다.\n\n보완할 내용은 앱의 ‘신청 내역’에 안내해 두었습니다. 서류를 다시 올려 주시면 심사를 이어서 진행합니다."
        + SIGN,
        "sms": "[손목닥터9988] {round} 신청({receipt_no})의 서류를 보완해 주세요. 보완할 내용은 앱의 신청 내역에서 확인하실 수 있습니다.",
        "letter": "",
        "legal": False,
        "lasts_hours": 240,
    },
    {
        "code": "application_approved",
        "category": "recruitment",
        "title": "심사를 통과하셨습니다",
        "placeholders": ["round", "receipt_no"],
        "push": "{round} 신청이 심사를 통과했습니다. 선정 결과는 곧 알려드립니다.",
        "alimtalk": "{participant_name}님, {round} 참여 신청({receipt_no})이 심사를 통과했습니다.\n\n정원에 따라 참여자를 선정하며, 선정 결과는 따로 알려드립니다."
        + SIGN,
        "sms": "[손목닥터9988] {round} 신청({receipt_no})이 심사를 통과했습니다. 선정 결과는 곧 알려드립니다.",
        "letter": "",
        "legal": False,
        "lasts_hours": 240,
    },
    {
        "code": "application_rejected",
        "category": "recruitment",
        "title": "신청 심사 결과를 알려드립니다",
        "placeholders": ["round", "receipt_no"],
        "push": "{round} 신청의 심사 결과가 나왔습니다. 앱에서 결과와 사유를 확인해 주세요.",
        "alimtalk": "{participant_name}님, {round} 참여 신청({receipt_no})은 자격요건을 충족하지 못하여 승인되지 않았습니다.\n\n자세한 사유는 앱의 ‘신청 내역’에서 확인하실 수 있습니다. 결과에 동의하지 않으시면 앱에서 이의신청을 하실 수 있습니다."
        + SIGN,
        "sms": "[손목닥터9988] {round} 신청({receipt_no})이 승인되지 않았습니다. 사유 확인과 이의신청은 앱의 신청 내역에서 하실 수 있습니다.",
        "letter": "{participant_name}님께\n\n{round} 참여 신청(접수번호 {receipt_no})은 자격요건을 충족하지 못하여 승인되지 않았음을 알려드립니다.\n\n자세한 사유는 앱의 ‘신청 내역’ 또는 다산콜재단(02-120)에서 확인하실 수 있으며, 결과에 동의하지 않으시면 이의신청을 하실 수 있습니다."
        + SIGN,
        "legal": True,
        "lasts_hours": None,
    },
    {
        "code": "seat_offered",
        "category": "recruitment",
        "title": "참여자로 선정되셨습니다",
        "placeholders": ["round", "until", "link"],
        "push": "{round} 참여자로 선정되셨습니다. {until}까지 참여 의사를 알려 주세요.",
        "alimtalk": "{participant_name}님, {round} 참여자로 선정되셨습니다.\n\n▶ 응답 기한: {until}\n▶ 응답하기: {link}\n\n기한까지 응답하지 않으시면 다음 순번의 신청자에게 기회가 넘어갑니다."
        + SIGN,
        "sms": "[손목닥터9988] {round} 참여자로 선정되셨습니다. {until}까지 응답해 주세요. {link}",
        "letter": "",
        "legal": False,
        "lasts_hours": 48,
    },
    {
        "code": "waitlisted",
        "category": "recruitment",
        "title": "예비 순번을 받으셨습니다",
        "placeholders": ["round", "rank"],
        "push": "{round} 예비 {rank}번입니다. 자리가 나면 바로 알려드립니다.",
        "alimtalk": "{participant_name}님, {round} 모집 정원이 모두 차서 예비 {rank}번으로 등록되었습니다.\n\n자리가 나면 순번에 따라 알려드립니다. 따로 신청하실 필요는 없습니다."
        + SIGN,
        "sms": "[손목닥터9988] {round} 예비 {rank}번입니다. 자리가 나면 순번에 따라 알려드립니다.",
        "letter": "",
        "legal": False,
        "lasts_hours": 240,
    },
    {
        "code": "offer_expiring",
        "category": "recruitment",
        "title": "응답 기한이 다가옵니다",
        "placeholders": ["round", "until", "link"],
        "push": "{round} 참여 의사를 {until}까지 알려 주세요.",
        "alimtalk": "{participant_name}님, {round} 참여 응답 기한이 얼마 남지 않았습니다.\n\n▶ 응답 기한: {until}\n▶ 응답하기: {link}\n\n기한이 지나면 다음 순번의 신청자에게 기회가 넘어갑니다."
        + SIGN,
        "sms": "[손목닥터9988] {round} 참여 응답 기한이 {until}까지입니다. {link}",
        "letter": "",
        "legal": False,
        "lasts_hours": 24,
    },
    {
        "code": "offer_lapsed",
        "category": "recruitment",
        "title": "응답 기한이 지났습니다",
        "placeholders": ["round"],
        "push": "{round} 응답 기한이 지나 다음 순번의 신청자에게 기회가 넘어갔습니다.",
        "alimtalk": "{participant_name}님, 기한까지 응답하지 않으셔서 {round} 참여 기회가 다음 순번의 신청자에게 넘어갔습니다.\n\n다음 모집에 다시 신청하실 수 있습니다."
        + SIGN,
        "sms": "[손목닥터9988] {round} 응답 기한이 지나 다음 순번의 신청자에게 기회가 넘어갔습니다.",
        "letter": "",
        "legal": False,
        "lasts_hours": 240,
    },
    {
        "code": "draw_done",
        "category": "recruitment",
        "title": "추첨 결과가 나왔습니다",
        "placeholders": ["round"],
        "push": "{round} 추첨이 끝났습니다. 앱에서 결과를 확인해 주세요.",
        "alimtalk": "{participant_name}님, {round} 공개 추첨이 끝났습니다.\n\n결과와 검증 방법은 앱과 누리집의 ‘추첨 결과’에서 누구나 확인하실 수 있습니다."
        + SIGN,
        "sms": "[손목닥터9988] {round} 추첨이 끝났습니다. 앱에서 결과를 확인해 주세요.",
        "letter": "",
        "legal": False,
        "lasts_hours": 120,
    },
    {
        "code": "participation_started",
        "category": "participation",
        "title": "참여가 확정되었습니다",
        "placeholders": ["round", "starts_on"],
        "push": "{round} 참여가 확정되었습니다. 시작일은 {starts_on}입니다.",
        "alimtalk": "{participant_name}님, {round} 참여가 확정되었습니다.\n\n▶ 시작일: {starts_on}\n\n시작일부터 걸음 수에 따라 포인트가 쌓입니다."
        + SIGN,
        "sms": "[손목닥터9988] {round} 참여가 확정되었습니다. 시작일은 {starts_on}입니다.",
        "letter": "",
        "legal": False,
        "lasts_hours": 240,
    },
    {
        "code": "participation_ended",
        "category": "participation",
        "title": "참여가 끝났습니다",
        "placeholders": ["round"],
        "push": "{round} 참여가 끝났습니다. 그동안 함께해 주셔서 고맙습니다.",
        "alimtalk": "{participant_name}님, {round} 참여가 끝났습니다. 그동안 함께해 주셔서 고맙습니다.\n\n쌓으신 포인트는 유효기간까지 쓰실 수 있으며, 빌리신 손목시계가 있으면 기한까지 반납해 주세요."
        + SIGN,
        "sms": "[손목닥터9988] {round} 참여가 끝났습니다. 쌓으신 포인트는 유효기간까지 쓰실 수 있습니다.",
        "letter": "",
        "legal": False,
        "lasts_hours": 240,
    },
    {
        "code": "appeal_received",
        "category": "recruitment",
        "title": "이의신청이 접수되었습니다",
        "placeholders": ["receipt_no"],
        "push": "이의신청이 접수되었습니다. 접수번호는 {receipt_no}입니다.",
        "alimtalk": "{participant_name}님, 이의신청이 접수되었습니다.\n\n▶ 접수번호: {receipt_no}\n\n처음 심사한 사람이 아닌 다른 담당자가 다시 살펴보고 결과를 알려드립니다."
        + SIGN,
        "sms": "[손목닥터9988] 이의신청이 접수되었습니다. 접수번호 {receipt_no}",
        "letter": "",
        "legal": False,
        "lasts_hours": 72,
    },
    {
        "code": "appeal_decided",
        "category": "recruitment",
        "title": "이의신청 결과를 알려드립니다",
        "placeholders": ["receipt_no"],
        "push": "이의신청({receipt_no})의 결과가 나왔습니다. 앱에서 결과와 사유를 확인해 주세요.",
        "alimtalk": "{participant_name}님, 이의신청({receipt_no})의 결과가 나왔습니다.\n\n결과와 사유는 앱의 ‘신청 내역’에서 확인하실 수 있습니다."
        + SIGN,
        "sms": "[손목닥터9988] 이의신청({receipt_no})의 결과가 나왔습니다. 앱의 신청 내역에서 확인해 주세요.",
        "letter": "{participant_name}님께\n\n이의신청(접수번호 {receipt_no})에 대한 결과가 나왔음을 알려드립니다.\n\n결과와 사유는 앱의 ‘신청 내역’ 또는 다산콜재단(02-120)에서 확인하실 수 있습니다."
        + SIGN,
        "legal": True,
        "lasts_hours": None,
    },
    {
        "code": "announcement",
        "category": "news",
        "title": "{subject}",
        "placeholders": ["subject", "text"],
        "push": "{subject} — {text}",
        "alimtalk": "{participant_name}님, 안녕하세요.\n\n■ {subject}\n\n{text}" + SIGN,
        "sms": "[손목닥터9988] {subject} {text}",
        "letter": "",
        "legal": False,
        "lasts_hours": 72,
    },
    {
        "code": "service_notice",
        "category": "participation",
        "title": "{subject}",
        "placeholders": ["subject", "text"],
        "push": "{subject} — {text}",
        "alimtalk": "{participant_name}님, 안녕하세요.\n\n■ {subject}\n\n{text}" + SIGN,
        "sms": "[손목닥터9988] {subject} {text}",
        "letter": "",
        "legal": False,
        "lasts_hours": 72,
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
    dependencies = [("participants", "0008_notifications")]

    operations = [migrations.RunPython(lay_in, take_out)]
