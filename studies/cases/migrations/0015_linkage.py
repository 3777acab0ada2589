import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_expected_gain")]

    operations = [
        migrations.CreateModel(
            name="LinkageEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("identifiers", models.BinaryField()),
                ("stored_at", models.DateTimeField(auto_now=True)),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="linkage_entry",
                        to="cases.case",
                    ),
                ),
            ],
            options={"ordering": ["case"]},
        ),
    ]
