"""Deactivating members, and forms that were open for too long."""

from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client

from studies.errors import Conflict
from studies.readers.members import set_active

pytestmark = pytest.mark.django_db


def test_deactivated_reader_cannot_read_until_reactivated(cast, client_of):
    cast.assign_cases()
    url = f"/api/v1/studies/{cast.study.slug}/reading"
    client = client_of(cast.reader.user)
    assert client.get(url).status_code == 200
    set_active(membership=cast.reader, active=False, by=cast.coordinator)
    assert client.get(url).status_code == 404
    set_active(membership=cast.reader, active=True, by=cast.coordinator)
    assert client.get(url).status_code == 200


def test_coordinator_cannot_deactivate_themselves(cast):
    membership = cast.coordinator.memberships.get(study=cast.study)
    with pytest.raises(Conflict, match="Ask another coordinator"):
        set_active(membership=membership, active=False, by=cast.coordinator)


def test_expired_form_states_that_nothing_was_changed(db):
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "x"})
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()


def test_labels_of_coordinators_start_with_co(cast):
    labels = cast.study.memberships.order_by("label").values_list("label", flat=True)
    assert list(labels) == ["CO01", "CO02", "R01", "R02", "S01"]


def test_upgrade_renames_the_labels_of_coordinators_only(cast):
    migration = import_module("studies.readers.migrations.0003_coordinator_labels")
    memberships = cast.study.memberships
    before = set(memberships.values_list("pk", "label"))
    migration.to_k(apps, None)
    labels = memberships.order_by("label").values_list("label", flat=True)
    assert list(labels) == ["K01", "K02", "R01", "R02", "S01"]
    memberships.filter(label="R02").update(label="K99")
    migration.to_co(apps, None)
    assert memberships.filter(label="K99", role="reader").exists()
    memberships.filter(label="K99").update(label="R02")
    assert set(memberships.values_list("pk", "label")) == before
