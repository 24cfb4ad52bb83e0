from django.db import migrations

# Code, use, name, what the citizen reads, note for staff.
CODES = (
    (
        "illegible",
        "reject",
        "서류 식별 불가",
        "제출하신 서류의 글자를 알아볼 수 없어 자격을 확인하지 못했습니다.",
        "다시 받을 수 있으면 먼저 보류로 요청합니다.",
    ),
    (
        "expired_certificate",
        "reject",
        "증명서 기한 경과",
        "재직증명서가 발급일로부터 3개월이 지나 자격을 확인할 수 없습니다.",
        "발급일과 신청일을 함께 확인합니다.",
    ),
    (
        "name_differs",
        "reject",
        "성명 불일치",
        "서류의 성명이 신청자의 성명과 달라 자격을 확인할 수 없습니다.",
        "개명한 경우 주민등록초본을 보류로 요청합니다.",
    ),
    (
        "not_applicants",
        "reject",
        "타인 명의 서류",
        "신청자 본인의 서류가 아니어서 자격을 확인할 수 없습니다.",
        "",
    ),
    (
        "wrong_kind",
        "reject",
        "서류 종류 불일치",
        "신청 자격에 맞는 서류가 아니어서 자격을 확인할 수 없습니다.",
        "자격별 인정 서류는 회차의 자격요건을 따릅니다.",
    ),
    (
        "address_outside",
        "reject",
        "서울 외 주소지",
        "주민등록 주소지 또는 직장·학교·사업장 소재지가 서울특별시가 아닙니다.",
        "직장인은 사업장 소재지를 봅니다.",
    ),
    (
        "age",
        "reject",
        "연령 기준 미충족",
        "기준일의 나이가 이 회차의 연령 기준에 맞지 않습니다.",
        "",
    ),
    (
        "duplicate",
        "reject",
        "중복 신청",
        "같은 분의 신청이 이미 있어 이 신청은 처리하지 않습니다.",
        "먼저 들어온 신청의 접수번호를 덧붙입니다.",
    ),
    (
        "no_evidence",
        "reject",
        "서류 미제출",
        "요청드린 기한까지 증빙서류가 제출되지 않았습니다.",
        "보류로 요청한 뒤에만 사용합니다.",
    ),
    (
        "send_clearer",
        "hold",
        "선명한 사본 요청",
        "서류의 글자가 흐립니다. 글자가 잘 보이게 다시 찍어 올려 주세요.",
        "",
    ),
    (
        "send_recent",
        "hold",
        "최근 증명서 요청",
        "발급일로부터 3개월이 지나지 않은 재직증명서를 올려 주세요.",
        "",
    ),
    (
        "send_missing",
        "hold",
        "서류 요청",
        "신청 자격을 확인할 서류가 없습니다. 증빙서류를 올려 주세요.",
        "",
    ),
    (
        "send_residence",
        "hold",
        "주소 확인 서류 요청",
        "서울 거주를 확인할 수 있도록 주민등록등본을 올려 주세요.",
        "본인확인기관이 주소를 확인해 주지 못한 경우입니다.",
    ),
    (
        "explain_name",
        "hold",
        "성명 확인 요청",
        "서류의 성명이 신청자와 다릅니다. 개명하셨다면 주민등록초본을 올려 주세요.",
        "",
    ),
    (
        "appeal_confirmed",
        "appeal",
        "이의 인용",
        "이의신청 내용이 확인되어 신청을 다시 심사합니다.",
        "",
    ),
    (
        "appeal_new_paper",
        "appeal",
        "이의 인용(새 서류)",
        "새로 확인된 서류를 근거로 신청을 다시 심사합니다.",
        "",
    ),
    (
        "appeal_no_ground",
        "appeal",
        "이의 기각",
        "처음 결정의 사유가 그대로여서 결정을 바꾸지 않습니다.",
        "바뀌지 않은 사유를 덧붙여 적습니다.",
    ),
)


def ship(apps, schema_editor):
    reason_code = apps.get_model("participants", "ReasonCode")
    reason_code.objects.bulk_create(
        reason_code(code=code, use=use, label=label, sentence=sentence, note=note, order=order)
        for order, (code, use, label, sentence, note) in enumerate(CODES, start=1)
    )


def take_back(apps, schema_editor):
    codes = [row[0] for row in CODES]
    apps.get_model("participants", "ReasonCode").objects.filter(code__in=codes).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("participants", "0013_review"),
    ]

    operations = [migrations.RunPython(ship, take_back)]
