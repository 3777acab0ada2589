from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("protocol", "0017_reminders")]

    operations = [
        migrations.AddField(
            model_name="study",
            name="linkage",
            # With a default in the database, so that version 0.1.0 can still create studies.
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
    ]
