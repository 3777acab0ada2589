"""Name the uncertainty of level labels in the terms of the pages; the columns keep their names."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

REASON = ("view_doubtful", "view_uncertain")


def rename_reason(apps: Any, schema_editor: Any) -> None:
    apps.get_model("cases", "Case").objects.filter(reason_code=REASON[0]).update(
        reason_code=REASON[1]
    )


def restore_reason(apps: Any, schema_editor: Any) -> None:
    apps.get_model("cases", "Case").objects.filter(reason_code=REASON[1]).update(
        reason_code=REASON[0]
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_practice")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("landmarkset", "level_doubt", "level_uncertainty"),
                migrations.AlterField(
                    "landmarkset",
                    "level_uncertainty",
                    models.JSONField(blank=True, db_column="level_doubt", null=True),
                ),
                migrations.RenameField("case", "doubt_accepted_for", "uncertainty_accepted_for"),
                migrations.AlterField(
                    "case",
                    "uncertainty_accepted_for",
                    models.ForeignKey(
                        db_column="doubt_accepted_for_id",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.landmarkset",
                    ),
                ),
            ],
        ),
        migrations.RunPython(rename_reason, restore_reason),
    ]
