from django.db import migrations

SEQUENCES = ("participants_number", "participants_arrival")


class Migration(migrations.Migration):
    """Numbers nobody has to queue for; gaps in them mean nothing."""

    dependencies = [("participants", "0001_initial")]
    operations = [
        migrations.RunSQL(f"CREATE SEQUENCE {name}", f"DROP SEQUENCE {name}") for name in SEQUENCES
    ]
