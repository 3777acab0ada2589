"""Store how useful a correction is expected to be, also for landmarks that exist."""

from typing import Any

import pgtrigger
from django.db import migrations, models

# The formula of studies.cases.landmarks.usefulness, as far as the stored values allow.
FILL = """
UPDATE cases_landmarkset AS landmark_set
SET expected_gain = 1
    - (SELECT COALESCE(SUM((body.value ->> 'confidence')::float), 0)
       FROM jsonb_each(landmark_set.landmarks) AS body
       WHERE jsonb_typeof(body.value) = 'object') / 6
    + CASE WHEN landmark_set.level_doubt IS NULL THEN 0 ELSE 1 END
WHERE landmark_set.source = 'model'
"""


def fill(apps: Any, schema_editor: Any) -> None:
    # The trigger forbids changes by the application; this one adds what was not stored before.
    with pgtrigger.ignore("cases.LandmarkSet:never_changed"):
        schema_editor.connection.cursor().execute(FILL)


class Migration(migrations.Migration):
    dependencies = [("cases", "0013_level_names")]

    operations = [
        migrations.AddField(
            "landmarkset",
            "expected_gain",
            models.FloatField(blank=True, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
