"""Adding, checking and activating models."""

from __future__ import annotations

import hashlib

import pytest

from studies.audit.models import Event
from studies.errors import Conflict, StudyError
from studies.registry import changes
from studies.registry.changes import (
    activate_model,
    add_model,
    begin_check,
    reject_model,
    store_check,
)
from studies.registry.installed import SHIPPED, installed_model
from studies.registry.models import RegisteredModel
from studies.storage.files import read_stored
from tests.registry.weights import add_ready_model, shipped, weights

pytestmark = pytest.mark.django_db


def test_installed_model_is_registered_once_with_card_and_checksum(cast):
    model = installed_model()
    assert installed_model() == model
    assert model.checksum == hashlib.sha256(SHIPPED.read_bytes()).hexdigest()
    assert (model.origin, model.state, model.network) == ("installed", "ready", "verteread-lite")
    assert model.card.startswith("#")
    assert read_stored(model.file) == SHIPPED.read_bytes()


def test_added_model_waits_for_its_check(cast):
    model = add_model(by=cast.coordinator, name="Site B", data=weights("b"), card="# Site B")
    assert (model.state, model.origin, model.trained_on) == ("waiting", "uploaded", "b")
    assert not RegisteredModel.objects.ready().filter(pk=model.pk).exists()
    assert read_stored(model.file) == weights("b")
    event = Event.objects.get(action="model.added")
    assert (event.actor, event.subject) == (cast.coordinator, model.checksum[:12])
    with pytest.raises(Conflict) as refused:
        activate_model(model=model, by=cast.coordinator)
    assert refused.value.code == "model_not_ready"


def test_same_weights_are_added_once(cast):
    installed_model()
    with pytest.raises(Conflict, match="already registered as verteread-lite"):
        add_model(by=cast.coordinator, name="again", data=shipped())


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 pickled", shipped()[:-1]])
def test_other_files_are_rejected_before_they_are_stored(cast, data, settings):
    with pytest.raises(StudyError) as refused:
        add_model(by=cast.coordinator, name="a", data=data)
    assert refused.value.code == "unusable_weights"
    assert "never opened" in refused.value.message
    assert not list(settings.STORAGE.rglob("*.safetensors"))


def test_file_above_the_limit_is_rejected(cast, monkeypatch):
    monkeypatch.setattr("studies.registry.uploaded_weights.MAX_WEIGHTS_BYTES", 1000)
    with pytest.raises(StudyError) as refused:
        add_model(by=cast.coordinator, name="a", data=weights())
    assert refused.value.status == 413


def test_few_models_may_wait(cast, monkeypatch):
    monkeypatch.setattr(changes, "MAX_WAITING", 1)
    add_model(by=cast.coordinator, name="a", data=weights("a"))
    with pytest.raises(StudyError) as refused:
        add_model(by=cast.coordinator, name="b", data=weights("b"))
    assert refused.value.status == 429


def test_weights_inherit_the_studies_of_those_they_started_from(cast):
    parent = add_ready_model(cast.coordinator, "parent", cast.study)
    data = weights("child", start={"sha256": parent.checksum})
    child = add_model(by=cast.coordinator, name="child", data=data, trained_on=[cast.outside_study])
    assert child.parent == parent
    assert set(child.source_studies.all()) == {cast.study, cast.outside_study}


def test_activation_is_recorded_and_is_not_repeated(cast):
    model = add_ready_model(cast.coordinator, "a")
    activate_model(model=model, by=cast.coordinator)
    assert Event.objects.get(action="model.activated").actor == cast.coordinator
    with pytest.raises(Conflict, match="already"):
        activate_model(model=model, by=cast.coordinator)


def test_rejected_model_cannot_be_activated(cast):
    model = add_model(by=cast.coordinator, name="a", data=weights())
    reject_model(model=begin_check(pk=model.pk), reason="tensors are missing")
    model.refresh_from_db()
    assert (model.state, model.failure) == ("rejected", "tensors are missing")
    with pytest.raises(Conflict):
        activate_model(model=model, by=cast.coordinator)


def test_weights_whose_check_failed_are_uploaded_again(cast):
    first = add_model(by=cast.coordinator, name="a", data=weights(), trained_on=[cast.study])
    for _ in range(2):
        reject_model(model=begin_check(pk=first.pk), reason="The check was interrupted.")
        again = add_model(
            by=cast.coordinator, name="b", data=weights(), trained_on=[cast.outside_study]
        )
    assert (again.pk, again.name, again.state, again.failure) == (first.pk, "b", "waiting", "")
    assert set(again.source_studies.all()) == {cast.outside_study}
    assert read_stored(again.file) == weights()
    store_check(model=begin_check(pk=again.pk), evaluation=[])
    with pytest.raises(Conflict, match="already registered as b"):
        add_model(by=cast.coordinator, name="c", data=weights())
