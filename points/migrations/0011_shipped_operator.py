from django.db import migrations

SHIP = """
INSERT INTO points_operator (code, name, starts_at, ends_at, per_minute, needs_link)
    VALUES ('seoulpay', '서울페이', '2020-01-01 00:00+09', NULL, 600, false);
INSERT INTO points_breaker (operator_id, status, since, failures, tries, reason, sent)
    SELECT id, 'closed', '2020-01-01 00:00+09', 0, 0, '', 0 FROM points_operator
    WHERE code = 'seoulpay';
"""
TAKE_BACK = """
DELETE FROM points_breaker WHERE operator_id IN
    (SELECT id FROM points_operator WHERE code = 'seoulpay');
DELETE FROM points_operator WHERE code = 'seoulpay';
"""


class Migration(migrations.Migration):
    """The operator in force, named seoulpay in the settings."""

    dependencies = [("points", "0010_operators")]

    operations = [migrations.RunSQL(SHIP, TAKE_BACK)]
