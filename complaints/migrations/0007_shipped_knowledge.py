from django.db import migrations

OPENING = "안녕하십니까. 손목닥터9988 상담센터 {department} {agent}입니다.\n\n"
CLOSING = "\n\n추가로 궁금하신 사항은 {department} {agent}({phone})에게 연락해 주시기 바랍니다. 감사합니다."

MACROS = [
    (
        "walk_zero",
        "step_mismatch",
        "걷기 0 확인 결과 안내",
        "",
        "",
        "answer",
        (
            "문의하신 {about_date} 걸음수를 확인한 결과를 안내드립니다.\n\n{evidence}\n\n"
            "걸음수는 휴대전화나 워치에서 앱으로 전송된 뒤에 반영되며, 최근 7일 기록은 늦게 전송되어도 "
            "해당 날짜의 걸음수로 인정됩니다."
        ),
    ),
    (
        "points_why",
        "points_missing",
        "포인트 미적립 사유 안내",
        "",
        "",
        "answer",
        "문의하신 {about_date} 포인트 적립 여부를 확인한 결과를 안내드립니다.\n\n{evidence}",
    ),
    (
        "sync_again",
        "sync_failure",
        "동기화 방법 안내",
        "",
        "동기화 재시도 방법을 안내함. 같은 문의가 다시 오면 앱 버전과 기종을 확인할 것.",
        "answer",
        (
            "동기화가 되지 않아 불편을 드려 죄송합니다.\n\n"
            "1. 휴대전화의 시각이 자동으로 설정되어 있는지 확인해 주십시오.\n"
            "2. 앱의 건강 데이터 접근 권한을 허용해 주십시오.\n"
            "3. 앱을 다시 열고 화면을 아래로 당겨 동기화해 주십시오."
        ),
    ),
    (
        "ask_day",
        None,
        "보완 요청: 날짜와 화면",
        "",
        "문의한 날짜가 특정되지 않아 보완을 요청함.",
        "supplement",
        (
            "민원(접수번호 {receipt_no}) 처리를 위하여 문의하신 날짜와 앱 화면에 표시된 걸음수를 "
            "알려 주시기 바랍니다. 보완에 걸리는 기간은 처리기간에 산입하지 않습니다."
        ),
    ),
    (
        "needs_time",
        None,
        "처리기간 연장: 사실 확인 필요",
        "",
        "사실 확인에 시간이 더 필요하여 처리기간을 연장함.",
        "extension",
        "기록을 더 확인해야 하여 정해진 기간 안에 처리하기 어렵습니다.",
    ),
    ("take_on", None, "접수하고 확인 시작", "", "담당자가 확인을 시작함.", "", ""),
]

ARTICLES = [
    (
        "walk_zero",
        "step_mismatch",
        "어제 걸음이 0으로 보일 때",
        "걷기 0, 걸음수 0, 안 올라가요, 반영, 걸음이 없어요, 어제 걸음",
        (
            "오른쪽 ‘그날의 근거’에서 업로드가 있는지 먼저 봅니다.\n"
            "• 업로드 없음: 앱이 아직 보내지 않았습니다. 7일 안에 동기화하면 그날로 반영됩니다.\n"
            "• 업로드 있음: 인정된 걸음과 목표를 읽어 드립니다.\n"
            "• 늦음으로 제외: 7일이 지나 도착한 기록입니다."
        ),
        (
            "걸음수는 휴대전화나 워치에서 앱으로 전송된 뒤에 반영됩니다. 앱을 열어 화면을 아래로 당기면 "
            "최근 7일 기록이 다시 전송됩니다."
        ),
    ),
    (
        "two_devices",
        "step_mismatch",
        "휴대전화와 워치의 걸음이 다를 때",
        "휴대폰, 워치, 두 기기, 합산, 더해지지, 서로 다른",
        (
            "시간대별로 더 큰 값 하나만 인정하며 두 기기를 더하지 않습니다. ‘그날의 근거’ 그래프에서 "
            "기기별 시간대와 ‘인정’ 줄을 비교해 보십시오."
        ),
        (
            "휴대전화와 워치의 걸음은 시간대별로 더 큰 값 하나만 인정되며, 두 기기의 걸음을 더하지 않습니다."
        ),
    ),
    (
        "lost_record",
        "lost_record",
        "어제 기록이 사라졌다고 할 때",
        "사라짐, 없어졌어요, 줄었어요, 어제 기록, 초기화, 소실",
        (
            "한 번 인정된 걸음은 줄어들지 않습니다. ‘그날의 근거’에 남아 있는 업로드와 적립을 읽어 드리고, "
            "화면 표시 문제이면 앱 버전과 기종을 메모에 남깁니다."
        ),
        "한 번 인정된 걸음수는 이후에 더 적은 값이 전송되어도 줄어들지 않습니다.",
    ),
    (
        "points_cap",
        "points_missing",
        "목표를 달성했는데 포인트가 없을 때",
        "포인트 미적립, 목표 달성, 한도, 적립 안 됨, 포인트가 없어요",
        (
            "‘그날의 근거’의 첫 문장이 사유입니다: 목표 미달, 한도 도달, 참여 기간 밖, 보류, 예산 소진.\n"
            "보류 중인 날은 사유를 시민에게 자세히 말하지 않습니다."
        ),
        "포인트는 그날의 인정 걸음수와 그날 시행 중인 적립 규칙에 따라 정해집니다.",
    ),
    (
        "payout_late",
        "payout_failed",
        "포인트 전환이 늦을 때",
        "전환, 서울페이, 출금, 지급 지연, 돈이 안 들어와요, 전환 실패",
        (
            "오른쪽 ‘전환’에서 상태를 봅니다.\n"
            "• 요청·전송 중: 순서대로 보내고 있습니다.\n"
            "• 확인 중: 제휴사의 답을 기다립니다. 포인트는 따로 보관되어 두 번 지급되거나 사라지지 않습니다.\n"
            "• 거절: 포인트는 이미 되돌려졌습니다. 사유를 읽어 드립니다."
        ),
        (
            "전환을 요청하신 포인트는 따로 보관되어 있으며, 제휴사의 확인이 끝나면 지급되거나 "
            "그대로 되돌려 드립니다."
        ),
    ),
    (
        "points_expire",
        "points_expired",
        "포인트 소멸 문의",
        "소멸, 유효기간, 만료, 없어진 포인트",
        "‘전체 이력’에서 소멸 내역과 미리 보낸 안내 메시지를 확인해 읽어 드립니다.",
        "포인트는 유효기간이 지나면 소멸되며, 소멸 전에 앱으로 안내해 드립니다.",
    ),
    (
        "watch_where",
        "watch_delivery",
        "워치가 아직 오지 않았을 때",
        "배송, 송장, 택배, 언제 와요, 운송장, 워치 안 왔어요",
        (
            "오른쪽 ‘워치’에서 운송장번호와 단계를 봅니다. 운송장번호는 찾기 칸에 그대로 넣어도 됩니다. "
            "배송 완료인데 받지 못했다고 하면 ‘워치 배송’ 민원으로 접수합니다."
        ),
        "워치의 배송 상태는 앱의 ‘내 워치’에서 운송장번호로 확인하실 수 있습니다.",
    ),
    (
        "watch_faulty",
        "watch_faulty",
        "워치 화면이나 터치가 안 될 때",
        "불량, 화면, 터치, 충전, 고장, 안 켜져요, 교환",
        (
            "충전 30분과 다시 시작을 먼저 안내합니다. 그래도 안 되면 고장 신고로 접수하고, "
            "시민의 과실을 단정하는 말은 하지 않습니다. 판단은 점검 담당이 합니다."
        ),
        "워치를 30분 이상 충전하신 뒤 다시 시작해 주십시오. 그래도 같으면 고장으로 접수해 드리겠습니다.",
    ),
    (
        "watch_return",
        "watch_return",
        "워치를 반납하려 할 때",
        "반납, 회수, 돌려주고, 반납 기한, 연체, 반송",
        (
            "오른쪽 ‘워치’에서 반납 기한과 회수 요청을 봅니다. 이미 보냈다고 하면 운송장번호를 받아 "
            "확인하고, 도착 전에는 ‘반납 중’으로 둡니다."
        ),
        "워치는 앱에서 회수를 신청하시거나 안내된 반납 장소에 직접 반납하실 수 있습니다.",
    ),
    (
        "sign_in",
        "sign_in",
        "로그인이나 본인인증이 안 될 때",
        "로그인, 본인인증, 인증번호, 비밀번호, 접속이 안",
        (
            "전화번호가 바뀌었는지 먼저 묻습니다. 주민등록번호나 비밀번호는 묻지 않습니다. "
            "여러 사람이 같은 시각에 겪으면 감독자에게 알립니다."
        ),
        "휴대전화 번호가 바뀌셨다면 새 번호로 본인인증을 다시 해 주시기 바랍니다.",
    ),
]


def add(apps, schema_editor):
    """Write the shipped rows; those a reversal left behind go back into use instead."""
    codes = apps.get_model("complaints", "Category").objects.values_list("code", "pk")
    known = dict(codes)
    macro = apps.get_model("complaints", "Macro")
    for code, category, title, state, note, ending, text in MACROS:
        if not again(macro, code):
            macro.objects.create(
                code=code,
                version=1,
                category_id=known.get(category),
                title=title,
                state=state,
                note=note,
                ending=ending,
                text=OPENING + text + CLOSING if ending == "answer" else text,
            )
    article = apps.get_model("complaints", "KnowledgeArticle")
    for code, category, title, words, text, answer in ARTICLES:
        if not again(article, code):
            article.objects.create(
                code=code,
                version=1,
                category_id=known.get(category),
                title=title,
                words=words,
                text=text,
                answer=answer,
                owner="상담센터",
            )


def again(model, code):
    rows = model.objects.filter(code=code)
    if rows.exists() and not rows.filter(is_active=True).exists():
        rows.filter(version=1).update(is_active=True)
    return rows.exists()


def remove(apps, schema_editor):
    """Take the shipped rows out of use; what was written in their place stays."""
    for name, rows in (("Macro", MACROS), ("KnowledgeArticle", ARTICLES)):
        shipped = apps.get_model("complaints", name).objects.filter(version=1, made_by=None)
        shipped.filter(code__in=[code for code, *_rest in rows]).update(is_active=False)


class Migration(migrations.Migration):
    dependencies = [("complaints", "0006_macros_and_knowledge")]
    operations = [migrations.RunPython(add, remove)]
