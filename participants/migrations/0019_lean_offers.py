from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("participants", "0018_fewer_notice_indexes")]

    operations = [migrations.DeleteModel(name="Offer")]
