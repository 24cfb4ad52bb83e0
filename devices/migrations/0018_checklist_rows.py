"""The checklist that ships, for every model that has none of its own."""

from datetime import UTC, datetime

from django.db import migrations

SHIPPED = datetime(2026, 1, 1, tzinfo=UTC)
# What to check, how, which fault it is, and the best grade a watch has that fails it.
ITEMS = [
    (
        "전원이 켜지고 충전됩니까?",
        "충전기에 올려 1분 안에 충전 표시가 나타나는지 봅니다.",
        "battery",
        "D",
    ),
    ("화면에 깨짐이나 줄이 없습니까?", "흰 화면과 검은 화면을 한 번씩 띄워 봅니다.", "screen", "D"),
    ("단추와 터치가 모두 반응합니까?", "모서리 네 곳과 가운데를 눌러 봅니다.", "buttons", "C"),
    ("휴대전화와 연결됩니까?", "검수용 휴대전화의 앱에서 워치를 찾습니다.", "pairing", "D"),
    ("걸음과 맥박이 측정됩니까?", "손목에 차고 20걸음을 걷습니다.", "sensor", "D"),
    ("물이 들어간 흔적이 없습니까?", "뒷면 표시와 화면 안쪽의 김 서림을 봅니다.", "water", "D"),
    ("겉면에 깊은 흠이 없습니까?", "손톱이 걸리는 흠은 깊은 흠입니다.", "casing", "B"),
    ("스트랩이 온전하고 깨끗합니까?", "찢어짐, 늘어남, 얼룩을 봅니다.", "strap", "C"),
    ("충전기가 함께 왔습니까?", "케이블과 충전 거치대를 모두 확인합니다.", "charger", "B"),
]


def ship(apps, schema_editor):
    checklist = apps.get_model("devices", "Checklist").objects.create(
        model=None, version=1, status="draft", drafted_at=SHIPPED
    )
    rows = apps.get_model("devices", "CheckItem")
    rows.objects.bulk_create(
        rows(
            checklist=checklist,
            position=position,
            question=question,
            hint=hint,
            fault=fault,
            grade_at_best=grade,
        )
        for position, (question, hint, fault, grade) in enumerate(ITEMS, 1)
    )
    checklist.status, checklist.released_at = "in_force", SHIPPED
    checklist.released_by = "system:devices.migrations"
    checklist.save()


def take_back(apps, schema_editor):
    shipped = apps.get_model("devices", "Checklist").objects.filter(model=None, version=1)
    shipped.update(status="draft", released_at=None)
    shipped.delete()


class Migration(migrations.Migration):
    dependencies = [("devices", "0017_inspect_and_dispose")]

    operations = [migrations.RunPython(ship, take_back)]
