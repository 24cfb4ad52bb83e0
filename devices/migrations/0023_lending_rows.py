"""Carriers, the terms of lending, and what silent borrowers are told, as they ship."""

from datetime import UTC, date, datetime

from django.db import connection, migrations

SHIPPED = datetime(2026, 1, 1, tzinfo=UTC)
FROM = date(2026, 1, 1)
SIGN = "\n\n서울시 손목닥터9988 운영팀 드림\n문의: 02-120 (다산콜재단)"

# Code, name, lengths of its tracking numbers.
CARRIERS = [
    ("epost", "우체국택배", [13]),
    ("cj", "CJ대한통운", [10, 12]),
    ("hanjin", "한진택배", [10, 12]),
    ("lotte", "롯데택배", [12]),
    ("logen", "로젠택배", [11]),
]
TERMS = """제1조(목적) 이 약관은 서울시가 손목닥터9988 참여자에게 스마트워치를 무상으로 빌려드리는 데 필요한 사항을 정합니다.

제2조(대여 기간) 대여 기간은 수령을 확인한 날부터 6개월입니다. 다음 기수에 계속 참여하시면 그 기수의 종료일까지 이어서 사용하실 수 있습니다.

제3조(소유권) 워치는 서울시의 물품입니다. 다른 사람에게 빌려주거나 팔거나 담보로 제공하실 수 없습니다.

제4조(관리) 참여자는 워치를 선량한 관리자의 주의로 사용합니다. 고장이 나면 바로 알려 주셔야 하며, 참여자의 잘못이 아닌 고장은 같은 종류의 워치로 교환해 드립니다.

제5조(반납) 대여 기간이 끝나거나 참여를 그만두시면 반납을 요청받은 날부터 14일 안에 택배 회수를 신청하거나 가까운 보건소에 가져다주십시오.

제6조(분실과 파손) 분실하거나 파손하신 때에는 변상 기준에 따라 변상을 요청드릴 수 있습니다. 천재지변 등 책임을 물을 수 없는 사유가 있으면 면제를 신청하실 수 있습니다.

제7조(개인정보) 반납된 워치에 남은 기록은 다시 대여하기 전에 모두 지우고 그 사실을 기록으로 남깁니다."""


def words(code, title, *, push, alimtalk, sms):
    return {
        "code": code,
        "category": "watch",
        "title": title,
        "placeholders": ["serial", "days"],
        "push": push,
        "alimtalk": alimtalk + SIGN,
        "sms": f"[손목닥터9988] {sms}",
        "letter": "",
        "legal": False,
        "lasts_hours": 168,
    }


TEMPLATES = [
    words(
        "watch_silent_30",
        "워치가 쉬고 있습니다",
        push="{days}일 동안 걸음 기록이 없습니다. 앱을 열어 워치 연결을 확인해 주세요.",
        alimtalk="{participant_name}님, 빌려 가신 워치({serial})에서 {days}일 동안 걸음 기록이 올라오지 않았습니다.\n\n"
        "앱의 ‘내 워치’에서 연결 상태를 확인해 주세요. 연결이 어려우시면 가까운 보건소나 02-120에서 도와드립니다.",
        sms="워치({serial}) 걸음 기록이 {days}일 동안 없습니다. 앱에서 연결을 확인해 주세요.",
    ),
    words(
        "watch_silent_60",
        "워치 사용에 어려움이 있으신가요?",
        push="{days}일 동안 걸음 기록이 없습니다. 고장이라면 무상으로 교환해 드립니다.",
        alimtalk="{participant_name}님, 빌려 가신 워치({serial})에서 {days}일 동안 걸음 기록이 올라오지 않았습니다.\n\n"
        "고장이 났다면 앱의 ‘내 워치’에서 알려 주세요. 참여자의 잘못이 아닌 고장은 무상으로 교환해 드립니다. "
        "담당자가 전화로 안내드릴 수 있습니다.",
        sms="워치({serial}) 걸음 기록이 {days}일 동안 없습니다. 고장이라면 앱에서 교환을 신청해 주세요.",
    ),
    words(
        "watch_silent_90",
        "사용하지 않으시는 워치를 돌려주세요",
        push="{days}일 동안 걸음 기록이 없습니다. 사용하지 않으시면 워치를 반납해 주세요.",
        alimtalk="{participant_name}님, 빌려 가신 워치({serial})에서 {days}일 동안 걸음 기록이 올라오지 않았습니다.\n\n"
        "더 사용하지 않으시면 다른 시민이 쓸 수 있도록 반납해 주세요. 앱의 ‘내 워치’에서 택배 회수를 신청하시면 "
        "댁으로 찾아갑니다. 계속 사용하시려면 앱에서 걸음 기록을 한 번 올려 주세요.",
        sms="워치({serial})를 {days}일 동안 쓰지 않으셨습니다. 앱에서 택배 회수를 신청하실 수 있습니다.",
    ),
]  # fmt: skip


def lay_in(apps, schema_editor):
    carrier = apps.get_model("devices", "Carrier")
    carrier.objects.bulk_create(
        carrier(code=code, name=name, lengths=lengths) for code, name, lengths in CARRIERS
    )
    apps.get_model("devices", "LoanTerms").objects.create(
        version="2026-01",
        effective_from=FROM,
        title="손목닥터9988 스마트워치 대여 약관",
        text=TERMS,
    )
    template = apps.get_model("participants", "NotificationTemplate")
    template.objects.bulk_create(
        template(version=1, released_by="system:shipped", released_at=SHIPPED, **row)
        for row in TEMPLATES
    )


def take_out(apps, schema_editor):
    codes = [row["code"] for row in TEMPLATES]
    template = apps.get_model("participants", "NotificationTemplate")
    template.objects.filter(code__in=codes, version=1).delete()
    apps.get_model("devices", "Carrier").objects.filter(
        code__in=[code for code, _name, _lengths in CARRIERS]
    ).delete()
    # The terms are held by a trigger, which goes away with its table.
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE devices_loanterms")


class Migration(migrations.Migration):
    dependencies = [
        ("participants", "0021_offers_checked_by_statement"),
        ("devices", "0022_lend_and_ship"),
    ]

    operations = [migrations.RunPython(lay_in, take_out)]
