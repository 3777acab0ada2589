"""Add the probabilities of the level labels to landmark sets; earlier ones have none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_level_uncertainty")]

    operations = [
        migrations.AddField("landmarkset", "level_names", models.JSONField(blank=True, null=True)),
    ]
