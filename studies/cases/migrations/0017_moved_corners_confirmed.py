"""Corners that a person has already moved count as confirmed.

A separate migration, because a table cannot be altered in the transaction that fills it.
"""

from django.db import migrations

# A version descends from moved corners if it or one of its parents is such a version.
CONFIRM = """
WITH RECURSIVE lineage AS (
    SELECT cases_case.id AS case_id, landmark_set.source, landmark_set.parent_id
    FROM cases_case
    JOIN cases_landmarkset AS landmark_set ON landmark_set.id = cases_case.landmark_set_id
    UNION ALL
    SELECT lineage.case_id, parent.source, parent.parent_id
    FROM lineage
    JOIN cases_landmarkset AS parent ON parent.id = lineage.parent_id
)
UPDATE cases_case SET corners_confirmed_for_id = landmark_set_id
WHERE id IN (SELECT case_id FROM lineage WHERE source = 'moved')
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0016_corners_confirmed")]

    operations = [migrations.RunSQL(CONFIRM, migrations.RunSQL.noop, elidable=True)]
