from django.db import migrations

CATEGORIES = [
    ("step_mismatch", "걸음수 불일치", "Step count differs", "grievance"),
    ("sync_failure", "동기화·연동 실패", "Sync or connection failed", "general"),
    ("lost_record", "어제 기록 소실", "Yesterday's record is gone", "grievance"),
    ("points_missing", "포인트 미적립", "Points not earned", "grievance"),
    ("payout_failed", "포인트 전환 실패·지연", "Payout failed or late", "grievance"),
    ("points_expired", "포인트 소멸", "Points expired", "grievance"),
    ("sign_in", "로그인·본인인증", "Sign-in or identity check", "general"),
    ("waiting_room", "접속 대기·장애", "Waiting room or outage", "general"),
    ("application", "신청·승인·증빙", "Application, approval, evidence", "inquiry_procedure"),
    ("eligibility", "자격(거주·직장·재학·연령)", "Eligibility", "inquiry_procedure"),
    ("watch_delivery", "워치 배송", "Watch delivery", "general"),
    ("watch_faulty", "워치 불량(화면·터치)", "Faulty watch", "general"),
    ("watch_exchange", "교환·A/S", "Exchange or repair", "general"),
    ("watch_return", "반납·회수", "Return or recall of a watch", "general"),
    ("compensation", "변상 이의", "Objection to compensation", "grievance"),
    ("counselling", "마음건강·상담 세션 끊김", "Counselling session cut off", "general"),
    ("fitness_centre", "체력인증센터 예약", "Fitness centre booking", "general"),
    ("challenge", "챌린지 선착순·GPS", "Challenge or GPS", "grievance"),
    ("abuse_report", "부정적립 신고", "Report of unfair earning", "grievance"),
    ("privacy", "개인정보·탈퇴", "Personal data or leaving", "inquiry_procedure"),
    ("suggestion", "제도 개선 건의", "Suggestion for the programme", "suggestion"),
]

OPENING = "안녕하십니까. 손목닥터9988 상담센터 {department} {agent}입니다.\n\n"
CLOSING = "\n\n추가로 궁금하신 사항은 {department} {agent}({phone})에게 연락해 주시기 바랍니다. 감사합니다."

TEMPLATES = [
    (
        "step_mismatch",
        "걷기 0 – 걸음수가 접수되지 않은 날",
        "in_progress",
        (
            "문의하신 {about_date} 걸음수를 확인한 결과를 안내드립니다.\n\n{evidence}\n\n"
            "걸음수는 휴대전화나 워치에서 앱으로 전송된 뒤에 반영됩니다. 앱을 열어 화면을 아래로 당기면 "
            "최근 7일 기록이 다시 전송되며, 접수되는 즉시 해당 날짜의 규칙에 따라 다시 판정됩니다."
        ),
    ),
    (
        "step_mismatch",
        "걷기 0 – 목표에 미치지 못한 날",
        "in_progress",
        (
            "문의하신 {about_date} 걸음수를 확인한 결과를 안내드립니다.\n\n{evidence}\n\n"
            "휴대전화와 워치의 걸음은 시간대별로 더 큰 값 하나만 인정되며, 두 기기의 걸음을 더하지 않습니다."
        ),
    ),
    (
        "step_mismatch",
        "걷기 0 – 포인트가 이미 지급된 날",
        "in_progress",
        (
            "문의하신 {about_date} 내역을 확인한 결과를 안내드립니다.\n\n{evidence}\n\n"
            "적립 내역은 앱의 ‘내 포인트’에서 날짜별로 확인하실 수 있습니다."
        ),
    ),
    (
        "lost_record",
        "걷기 0 – 어제 기록이 사라져 보이는 경우",
        "in_progress",
        (
            "문의하신 {about_date} 기록을 확인한 결과를 안내드립니다.\n\n{evidence}\n\n"
            "한 번 인정된 걸음수는 이후에 더 적은 값이 전송되어도 줄어들지 않습니다. 화면에 0으로 보이더라도 "
            "접수된 기록은 보존되어 있으니 안심하시기 바랍니다."
        ),
    ),
    (
        "points_missing",
        "걷기 0 – 포인트 미적립 사유 안내",
        "in_progress",
        "문의하신 {about_date} 포인트 적립 여부를 확인한 결과를 안내드립니다.\n\n{evidence}",
    ),
    (
        "points_missing",
        "적립 한도에 도달한 경우",
        "in_progress",
        (
            "문의하신 {about_date} 포인트 적립 여부를 확인한 결과를 안내드립니다.\n\n{evidence}\n\n"
            "적립 한도는 시 예산의 범위에서 정해지며, 한도에 도달한 뒤에도 걸음 기록은 계속 반영됩니다."
        ),
    ),
    (
        "sync_failure",
        "동기화 재시도 안내",
        "in_progress",
        (
            "동기화가 되지 않아 불편을 드려 죄송합니다.\n\n"
            "1. 휴대전화의 시각이 자동으로 설정되어 있는지 확인해 주십시오.\n"
            "2. 앱의 건강 데이터 접근 권한을 허용해 주십시오.\n"
            "3. 앱을 다시 열고 화면을 아래로 당겨 동기화해 주십시오.\n\n"
            "최근 7일 이내의 기록은 늦게 전송되어도 해당 날짜의 걸음수로 인정됩니다."
        ),
    ),
    (
        None,
        "보완 요청 – 날짜와 화면 확인",
        "in_progress",
        (
            "민원(접수번호 {receipt_no}) 처리를 위하여 문의하신 날짜와 앱 화면에 표시된 걸음수를 "
            "알려 주시기 바랍니다. 보완에 걸리는 기간은 처리기간에 산입하지 않습니다."
        ),
    ),
    (
        None,
        "처리결과 안내(공통)",
        "",
        "민원(접수번호 {receipt_no})의 처리결과를 안내드립니다.\n\n",
    ),
]


def add(apps, schema_editor):
    category = apps.get_model("complaints", "Category")
    template = apps.get_model("complaints", "ReplyTemplate")
    rows = [
        category(code=code, name=name, name_en=name_en, default_kind=kind, position=position * 10)
        for position, (code, name, name_en, kind) in enumerate(CATEGORIES, start=1)
    ]
    category.objects.bulk_create(rows)
    known = {row.code: row for row in category.objects.all()}
    for code, title, state, text in TEMPLATES:
        template.objects.create(
            category=known.get(code), title=title, state=state, text=OPENING + text + CLOSING
        )


def remove(apps, schema_editor):
    template = apps.get_model("complaints", "ReplyTemplate")
    for _code, title, _state, _text in TEMPLATES:
        template.objects.filter(title=title).delete()
    codes = [code for code, *_rest in CATEGORIES]
    apps.get_model("complaints", "Category").objects.filter(code__in=codes).delete()


class Migration(migrations.Migration):
    dependencies = [("complaints", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
