import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_linkage")]

    operations = [
        migrations.AddField(
            "case",
            "corners_confirmed_for",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.landmarkset",
            ),
        ),
    ]
