"""Store when a study entered its present state, which was read from the audit trail before."""

from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Max, OuterRef, Subquery

ACTIONS = {"open": "study.opened", "paused": "study.paused"}


def read_state_times(apps: Any, schema_editor: Any) -> None:
    studies = apps.get_model("protocol", "Study").objects
    events = apps.get_model("audit", "Event").objects
    studies.filter(state="locked").update(state_changed_at=F("locked_at"))
    for state, action in ACTIONS.items():
        own = events.filter(study=OuterRef("slug"), action=action).order_by().values("study")
        last = own.annotate(last=Max("at")).values("last")
        studies.filter(state=state).update(state_changed_at=Subquery(last))


class Migration(migrations.Migration):
    dependencies = [
        ("protocol", "0002_design_wording"),
        ("audit", "0002_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="study",
            name="state_changed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunPython(read_state_times, migrations.RunPython.noop),
    ]
