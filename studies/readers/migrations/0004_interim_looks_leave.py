"""Hand the model InterimLook over to the app of sessions; its table and rows stay as they are.

The trigger is replaced there, because its name in the database is derived from the app's.
"""

import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("readers", "0003_coordinator_labels")]

    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name="interimlook", name="looks_append_only"),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(name="InterimLook")]
        ),
    ]
