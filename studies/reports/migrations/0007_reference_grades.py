"""Rename TrueGrades to ReferenceGrades, and update the labels of report states."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_initial"),
        ("reports", "0006_workbook_runs"),
    ]

    operations = [
        migrations.RenameModel(old_name="TrueGrades", new_name="ReferenceGrades"),
        migrations.AlterField(
            model_name="referencegrades",
            name="case",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reference_grades",
                to="cases.case",
            ),
        ),
        migrations.AlterField(
            model_name="reportrun",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "waiting for the worker"),
                    ("making", "being created"),
                    ("done", "ready"),
                    ("failed", "failed"),
                ],
                default="queued",
                max_length=10,
            ),
        ),
    ]
