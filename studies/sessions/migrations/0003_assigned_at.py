from django.db import migrations, models


class Migration(migrations.Migration):
    """Rename the field only: its column keeps the name that earlier versions read."""

    dependencies = [
        ("reading_sessions", "0002_previous_submission"),
    ]

    operations = [
        migrations.AlterField(
            model_name="readinglist",
            name="dealt_at",
            field=models.DateTimeField(auto_now_add=True, db_column="dealt_at"),
        ),
        migrations.RenameField(
            model_name="readinglist",
            old_name="dealt_at",
            new_name="assigned_at",
        ),
    ]
