"""Add Reopening, filled from the audit trail, and take InterimLook over from `readers`.

The table of interim looks keeps its name and its rows.
"""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

APPEND_ONLY = (
    "RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;"
)


def read_reopenings(apps: Any, schema_editor: Any) -> None:
    """Create a row for each event, which named the reading as text and the reason as JSON."""
    events = apps.get_model("audit", "Event").objects.filter(action="reading.reopened")
    events = events.exclude(actor=None).order_by("at", "pk")
    subjects = list(events.values_list("subject", flat=True))
    readings = apps.get_model("reading_sessions", "Reading").objects.filter(pk__in=subjects)
    by_subject = {str(pk): pk for pk in readings.values_list("pk", flat=True)}
    Reopening = apps.get_model("reading_sessions", "Reopening")
    Reopening.objects.bulk_create(
        Reopening(
            reading_id=by_subject[event.subject],
            by_id=event.actor_id,
            reason=event.data.get("reason", ""),
            at=event.at,
        )
        for event in events
        if event.subject in by_subject
    )


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_initial"),
        ("protocol", "0001_initial"),
        ("readers", "0004_interim_looks_leave"),
        ("reading_sessions", "0003_assigned_at"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reopening",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.TextField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reading",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reopenings",
                        to="reading_sessions.reading",
                    ),
                ),
            ],
            options={"ordering": ["at", "pk"]},
        ),
        migrations.RunPython(read_reopenings, migrations.RunPython.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="reopening",
            trigger=pgtrigger.compiler.Trigger(
                name="reopenings_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func=APPEND_ONLY,
                    hash="cf5dd498a50ed377fee0dba2ecb41480a8dc237d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_reopenings_append_only_bce66",
                    table="reading_sessions_reopening",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="InterimLook",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "study",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="interim_looks",
                                to="protocol.study",
                            ),
                        ),
                    ],
                    options={"db_table": "readers_interimlook", "ordering": ["at"]},
                ),
            ]
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="interimlook",
            trigger=pgtrigger.compiler.Trigger(
                name="looks_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func=APPEND_ONLY,
                    hash="272e0f3ecfd63cfae9f72ae4b6b4a1a28768c87a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_looks_append_only_acb23",
                    table="readers_interimlook",
                    when="BEFORE",
                ),
            ),
        ),
    ]
