"""Rename the codes of case states and upload statuses to the terms that the pages use."""

from typing import Any

from django.db import migrations, models
from django.db.models.functions import Replace

STATES = {"held": "pending_review", "refused": "rejected"}
REASON = ("refused_by_person", "rejected_by_person")
STOPPED = ["pending_review", "failed", "excluded", "rejected"]


def rename_codes(apps: Any, schema_editor: Any) -> None:
    _rename(apps, STATES, REASON)


def restore_codes(apps: Any, schema_editor: Any) -> None:
    _rename(apps, {new: old for old, new in STATES.items()}, (REASON[1], REASON[0]))


def _rename(apps: Any, states: dict[str, str], reason: tuple[str, str]) -> None:
    """Rename the codes with one UPDATE per row.

    PostgreSQL defers the foreign-key checks of a row that is updated twice in a transaction, and
    then cannot alter its table before the transaction ends.
    """
    code = Replace("reason_code", *(models.Value(code) for code in reason))
    for old, new in states.items():
        apps.get_model("cases", "Case").objects.filter(state=old).update(
            state=new, reason_code=code
        )
        apps.get_model("cases", "Upload").objects.filter(status=old).update(status=new)


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_replaced_images")]

    operations = [
        # The constraint names the codes: it is dropped while the rows change.
        migrations.RemoveConstraint(model_name="case", name="case_stopped_with_reason"),
        migrations.AlterField(
            model_name="case",
            name="state",
            field=models.CharField(
                choices=[
                    ("received", "waiting for analysis"),
                    ("pending_review", "pending de-identification review"),
                    ("analysing", "being analysed"),
                    ("ready", "ready"),
                    ("failed", "analysis failed"),
                    ("excluded", "excluded"),
                    ("rejected", "rejected"),
                ],
                default="received",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="upload",
            name="status",
            field=models.CharField(
                choices=[
                    ("accepted", "added"),
                    ("pending_review", "added, pending de-identification review"),
                    ("replaced", "replaced an earlier version"),
                    ("duplicate", "already in the study"),
                    ("rejected", "not added"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="landmarkset",
            name="source",
            field=models.CharField(
                choices=[
                    ("model", "located by the network"),
                    ("shifted", "levels relabelled"),
                    ("flipped", "anterior side changed"),
                    ("moved", "corners moved"),
                    ("taken", "earlier version restored"),
                ],
                max_length=10,
            ),
        ),
        migrations.RunPython(rename_codes, restore_codes),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                name="case_stopped_with_reason",
                condition=~models.Q(state__in=STOPPED) | ~models.Q(reason_text=""),
            ),
        ),
    ]
