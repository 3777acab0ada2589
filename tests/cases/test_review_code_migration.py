"""Rows with the codes of version 0.1.0 get the codes of today."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from studies.cases.models import Case, Upload
from tests.make import make_case

BEFORE = [("cases", "0009_replaced_images")]


def migrate(target=None):
    """Migrate to a target, or to the latest of all apps: some depend on migrations of cases."""
    executor = MigrationExecutor(connection)
    target = target or executor.loader.graph.leaf_nodes()
    executor.migrate(target)
    return executor.loader.project_state(target).apps


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_old_codes_are_migrated_and_restored(cast):
    pending = make_case(cast.study, cast.site, state="pending_review")
    rejected = make_case(cast.study, cast.site, state="rejected")
    Case.objects.filter(pk=rejected.pk).update(reason_code="rejected_by_person")
    for status in ("pending_review", "rejected"):
        Upload.objects.create(
            study=cast.study, uploader=cast.coordinator, name="a.dcm", status=status
        )
    try:
        old = migrate(BEFORE)
        cases, uploads = old.get_model("cases", "Case"), old.get_model("cases", "Upload")
        assert cases.objects.get(pk=pending.pk).state == "held"
        row = cases.objects.get(pk=rejected.pk)
        assert (row.state, row.reason_code) == ("refused", "refused_by_person")
        assert set(uploads.objects.values_list("status", flat=True)) == {"held", "refused"}
    finally:
        migrate()
    assert Case.objects.get(pk=pending.pk).state == Case.State.PENDING_REVIEW
    case = Case.objects.get(pk=rejected.pk)
    assert (case.state, case.reason_code) == (Case.State.REJECTED, "rejected_by_person")
    statuses = set(Upload.objects.values_list("status", flat=True))
    assert statuses == {Upload.Status.PENDING_REVIEW, Upload.Status.REJECTED}
