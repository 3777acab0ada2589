"""Name the time of a data snapshot in the terms of the pages; the columns keep their names."""

from django.db import migrations, models

RUNS = ("reportrun", "workbookrun")


class Migration(migrations.Migration):
    dependencies = [("reports", "0007_reference_grades")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                operation
                for run in RUNS
                for operation in (
                    migrations.RenameField(run, "data_cut", "snapshot_at"),
                    migrations.AlterField(
                        run, "snapshot_at", models.DateTimeField(db_column="data_cut")
                    ),
                )
            ],
        ),
    ]
