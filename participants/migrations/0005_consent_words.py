from datetime import UTC, date, datetime

from django.db import migrations

RELEASED = datetime(2025, 12, 1, tzinfo=UTC)
EFFECTIVE = date(2026, 1, 1)

SERVICE = """1. 수집·이용 목적: 손목닥터9988 사업의 참여 신청 접수, 자격 확인, 참여자 선정과 통지, 기기 대여·회수, 포인트 적립·지급, 상담과 민원 처리

2. 수집 항목
- 필수: 성명, 생년월일, 휴대전화번호, 주소(자치구 포함), 본인확인기관이 제공하는 연계정보(CI)의 암호화 값, 신청 자격 구분
- 해당자만: 자격 증빙서류(재직증명서, 학생증, 사업자등록증 등)

3. 보유·이용 기간: 참여가 끝난 날부터 3년. 다만 신청이 승인되지 않은 경우 결정일부터 1년, 증빙서류는 자격 심사와 이의신청이 끝난 뒤 90일까지 보관합니다. 포인트 지급 기록과 같이 다른 법령에 보존 의무가 있는 정보는 그 기간 동안 분리하여 보관한 뒤 지체 없이 파기합니다.

4. 동의를 거부할 권리와 불이익: 동의를 거부하실 수 있습니다. 다만 위 항목은 사업 운영에 꼭 필요하므로, 거부하시면 참여 신청을 하실 수 없습니다.

근거: 「개인정보 보호법」 제15조제1항제1호, 제22조"""

HEALTH = """건강에 관한 정보는 민감정보이므로 다른 동의와 구분하여 받습니다.

1. 수집·이용 목적: 걸음 수에 따른 포인트 적립, 걷기 목표와 활동 통계 제공, 건강관리 상담

2. 수집 항목(민감정보): 시간대별 걸음 수와 활동 시각, 워치·휴대전화가 보낸 활동 기록, 건강 상태를 이유로 한 특별 모집 대상 여부(예: 대사증후군 관리 대상자), 상담 중 참여자가 알려 준 건강 정보

3. 보유·이용 기간: 기기가 보낸 원본 기록은 받은 날부터 1년, 하루 단위 기록은 참여가 끝난 날부터 3년 보관한 뒤 지체 없이 파기합니다.

4. 동의를 거부할 권리와 불이익: 동의를 거부하실 수 있습니다. 다만 걸음 수를 받지 못하면 사업을 운영할 수 없으므로, 거부하시면 참여하실 수 없습니다. 참여 중에 동의를 철회하시려면 먼저 참여를 그만두셔야 합니다.

근거: 「개인정보 보호법」 제23조제1항제1호"""

THIRD_PARTY = """포인트를 서울페이머니로 바꾸거나 자치구 보건소의 건강관리 서비스를 이용하실 때에만 제공합니다.

1. 제공받는 자: 서울페이머니 운영 사업자, 참여자가 거주하거나 이용하는 자치구 보건소

2. 제공받는 자의 이용 목적: (운영 사업자) 포인트 지급과 지급 오류 확인 (보건소) 건강관리 상담과 기기 전달

3. 제공 항목: (운영 사업자) 참여자 식별값, 지급 금액과 지급 번호 (보건소) 성명, 휴대전화번호, 참여 상태

4. 제공받는 자의 보유·이용 기간: (운영 사업자) 지급일부터 5년 (보건소) 참여가 끝난 날까지

5. 동의를 거부할 권리와 불이익: 동의를 거부하셔도 사업에 참여하고 포인트를 적립하실 수 있습니다. 다만 포인트를 서울페이머니로 바꾸거나 보건소 서비스를 이용하실 수 없습니다.

근거: 「개인정보 보호법」 제17조제1항제1호, 제2항"""

MARKETING = """1. 이용 목적: 새 회차와 건강 행사, 제휴 혜택 안내

2. 이용 항목: 휴대전화번호, 앱 알림 수신 정보, 거주 자치구

3. 받는 방법: 앱 알림, 알림톡, 문자메시지 (밤 9시부터 다음 날 오전 8시까지는 보내지 않습니다)

4. 보유·이용 기간: 동의를 철회하거나 참여가 끝난 날까지

5. 동의를 거부할 권리: 동의하지 않으셔도 사업 참여와 포인트 적립에 아무런 불이익이 없습니다. 동의한 뒤에도 언제든지 앱에서 철회하실 수 있습니다.

근거: 「개인정보 보호법」 제22조, 「정보통신망 이용촉진 및 정보보호 등에 관한 법률」 제50조"""

PRINTED = "종이 신청서에 인쇄된 동의문입니다. 내용은 같은 날 시행된 온라인 동의문과 같습니다.\n\n"

# Purpose, version, title, text, required, on paper only.
TEXTS = [
    ("service", "2026-01", "개인정보 수집·이용 동의", SERVICE, True, False),
    ("health", "2026-01", "민감정보(건강정보) 수집·이용 동의", HEALTH, True, False),
    ("third_party", "2026-01", "개인정보 제3자 제공 동의", THIRD_PARTY, False, False),
    ("marketing", "2026-01", "소식과 혜택 안내 수신 동의", MARKETING, False, False),
    ("service", "paper", "개인정보 수집·이용 동의(종이 신청서)", PRINTED + SERVICE, True, True),
    (
        "health",
        "paper",
        "민감정보(건강정보) 수집·이용 동의(종이 신청서)",
        PRINTED + HEALTH,
        True,
        True,
    ),
]


def lay_in(apps, schema_editor):
    text = apps.get_model("participants", "ConsentText")
    text.objects.bulk_create(
        text(
            purpose=purpose,
            version=version,
            effective_from=EFFECTIVE,
            title=title,
            text=words,
            is_required=required,
            is_printed=printed,
            released_at=RELEASED,
        )
        for purpose, version, title, words, required, printed in TEXTS
    )


def take_out(apps, schema_editor):
    schema_editor.execute("ALTER TABLE participants_consenttext DISABLE TRIGGER USER")
    apps.get_model("participants", "ConsentText").objects.all().delete()
    schema_editor.execute("ALTER TABLE participants_consenttext ENABLE TRIGGER USER")


class Migration(migrations.Migration):
    dependencies = [("participants", "0004_consent_texts")]

    operations = [migrations.RunPython(lay_in, take_out)]
