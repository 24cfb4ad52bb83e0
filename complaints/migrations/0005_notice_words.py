"""What people are told when something was written to them about their complaint."""

from datetime import UTC, datetime

from django.db import migrations

SHIPPED = datetime(2026, 1, 1, tzinfo=UTC)
SIGN = "\n\n서울시 손목닥터9988 상담센터 드림\n문의: {department} {contact}"

TEMPLATES = [
    {
        "code": "complaint_received",
        "category": "complaints",
        "title": "민원이 접수되었습니다",
        "placeholders": ["receipt_no", "due"],
        "push": "민원이 접수되었습니다. 접수번호는 {receipt_no}이며 {due}까지 답변드립니다.",
        "alimtalk": "{participant_name}님, 신청하신 민원이 접수되었습니다.\n\n▶ 접수번호: {receipt_no}\n▶ 처리기한: {due}\n\n진행 상황은 앱의 ‘내 민원’에서 확인하실 수 있습니다.\n\n서울시 손목닥터9988 상담센터 드림\n문의: 02-120 (다산콜재단)",
        "sms": "[손목닥터9988] 민원이 접수되었습니다. 접수번호 {receipt_no}, 처리기한 {due}",
        "letter": "",
        "legal": False,
        "lasts_hours": 72,
    },
    {
        "code": "complaint_notice",
        "category": "complaints",
        "title": "민원 처리 안내가 등록되었습니다",
        "placeholders": ["receipt_no", "what", "department", "contact"],
        "push": "민원({receipt_no})에 새 안내가 등록되었습니다: {what}. 앱에서 내용을 확인해 주세요.",
        "alimtalk": "{participant_name}님, 신청하신 민원에 새 안내가 등록되었습니다.\n\n▶ 접수번호: {receipt_no}\n▶ 안내: {what}\n\n내용은 앱의 ‘내 민원’에서 확인하실 수 있습니다."
        + SIGN,
        "sms": "[손목닥터9988] 민원({receipt_no})에 새 안내가 등록되었습니다: {what}. 앱의 내 민원에서 확인해 주세요. 문의: {department} {contact}",
        "letter": "{participant_name}님께\n\n신청하신 민원(접수번호 {receipt_no})에 새 안내({what})가 등록되었음을 알려드립니다.\n\n내용은 앱의 ‘내 민원’에서 확인하시거나 아래 연락처로 문의해 주시기 바랍니다."
        + SIGN,
        "legal": True,
        "lasts_hours": None,
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
        ("complaints", "0004_law_and_channels"),
        ("participants", "0021_offers_checked_by_statement"),
    ]

    operations = [migrations.RunPython(lay_in, take_out)]
