"""The API and pages of models, as every role, and the check by a worker."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from studies.fine_tuning import evaluation, tasks
from studies.fine_tuning.models import FineTuningRun
from studies.fine_tuning.queueing import CHECK_MODEL
from studies.registry.changes import activate_model
from studies.registry.installed import installed_model
from studies.registry.models import RegisteredModel
from studies.registry.study_models import model_of
from tests.make import make_user
from tests.registry.weights import add_ready_model, join, split, weights

pytestmark = pytest.mark.django_db
AMENDMENT = {"number": 1, "dated": "2026-11-01", "reason": "It labels L5 better."}


@pytest.fixture
def admin(db: None) -> Any:
    return make_user("ada", is_staff=True, is_superuser=True)


def upload(client: Any, data: bytes, **fields: Any) -> Any:
    file = SimpleUploadedFile("best.safetensors", data)
    form = {"file": file, "name": "Site B", **fields}
    return client.post("/api/v1/models/add", form, format="multipart")


def test_uploaded_model_is_checked_by_a_worker_and_can_then_be_activated(
    cast, admin, client_of, queued, monkeypatch
):
    monkeypatch.setattr(evaluation, "PHANTOMS", 2)
    client = client_of(admin)
    answer = upload(client, weights("b"), card="# Site B", trained_on=[cast.outside_study.slug])
    assert answer.status_code == 201, answer.content
    model = answer.json()
    assert (model["state"], model["trained_on"]) == ("waiting", "b")
    assert queued == [(CHECK_MODEL, model["id"])]
    activation = f"/api/v1/models/{model['id']}/activate"
    assert client.post(activation).status_code == 409
    tasks.check_model_task(model["id"])
    checked = client.get("/api/v1/models").json()["results"][0]
    (row,) = checked["evaluation"]
    assert (checked["state"], row["images"], row["count"]) == ("ready", "2 phantoms", 2)
    assert 0 < row["mean_px"] < 3
    assert (row["bodies_right"], row["bodies"]) == (12, 12)
    assert client.post(activation).json()["id"] == model["id"]
    assert model_of(cast.study).checksum == model["checksum"]
    assert model_of(cast.outside_study) == installed_model()


def test_weights_whose_tensors_do_not_fit_are_rejected_with_the_reason(admin, client_of, queued):
    header, content = split(weights("b"))
    name = next(name for name in sorted(header) if name.startswith("heads"))
    header[f"{name}.renamed"] = header.pop(name)
    model = upload(client_of(admin), join(header, content)).json()
    tasks.check_model_task(model["id"])
    rejected = RegisteredModel.objects.get()
    assert rejected.state == "rejected"
    assert f"missing: {name}" in rejected.failure


def test_weights_that_detect_nothing_are_rejected(admin, client_of, queued, monkeypatch):
    """They have the right tensors, but every bias of the heads is infinite."""
    monkeypatch.setattr(evaluation, "PHANTOMS", 1)
    header, content = split(weights("b"))
    changed = bytearray(content)
    for name, tensor in header.items():
        if name.startswith("heads") and name.endswith("bias"):
            start, stop = tensor["data_offsets"]
            kind = {"F16": np.float16, "F32": np.float32}[tensor["dtype"]]
            biases = np.full((stop - start) // np.dtype(kind).itemsize, np.inf, kind)
            changed[start:stop] = biases.tobytes()
    model = upload(client_of(admin), join(header, bytes(changed))).json()
    tasks.check_model_task(model["id"])
    rejected = RegisteredModel.objects.get()
    assert rejected.state == "rejected"
    assert "detects none of the vertebrae" in rejected.failure


def test_damaged_stored_weights_are_never_loaded(admin, client_of, queued, settings):
    model = upload(client_of(admin), weights("b")).json()
    path = settings.STORAGE / RegisteredModel.objects.get().file.name
    path.write_bytes(weights("c"))
    tasks.check_model_task(model["id"])
    assert "damaged" in RegisteredModel.objects.get().failure


@pytest.mark.parametrize(
    ("fields", "message"),
    [({"trained_on": ["no-such-study"]}, "no-such-study"), ({"name": ""}, "name")],
)
def test_unusable_form_is_rejected(admin, client_of, queued, fields, message):
    answer = upload(client_of(admin), weights("b"), **fields)
    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]
    assert not queued and not RegisteredModel.objects.exists()


def test_pickle_is_rejected_with_a_clear_message(admin, client_of):
    answer = upload(client_of(admin), b"\x80\x04\x95 a pickled checkpoint")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "unusable_weights"
    assert "can contain code and are never opened" in answer.json()["error"]["message"]


def test_only_administrators_add_and_activate(cast, client_of, queued):
    model = add_ready_model(cast.coordinator, "a")
    people = {
        cast.coordinator: 403,
        cast.site_coordinator: 403,
        cast.outsider: 403,
        cast.statistician: 404,
        cast.reader.user: 404,
    }
    for person, status in people.items():
        client = client_of(person)
        assert upload(client, weights("b")).status_code == status, person
        assert client.post(f"/api/v1/models/{model.pk}/activate").status_code == status, person


@pytest.mark.parametrize("fixed", [False, True])
def test_no_role_selects_a_model_trained_on_the_studys_cases(cast, admin, client_of, fixed):
    if fixed:
        cast.assign_cases()
    trained_here = add_ready_model(admin, "own", cast.study)
    body = {"model": str(trained_here.pk), "amendment": AMENDMENT}
    people = {
        cast.coordinator: 409,
        cast.site_coordinator: 403,
        cast.reader.user: 404,
        cast.statistician: 404,
        cast.outsider: 404,
        admin: 404,
    }
    for person, status in people.items():
        answer = client_of(person).post(f"/api/v1/studies/{cast.study.slug}/model/select", body)
        assert answer.status_code == status, person
    refused = client_of(cast.coordinator).post(
        f"/api/v1/studies/{cast.study.slug}/model/select", body
    )
    assert refused.json()["error"]["code"] == "own_cases"
    # An administrator may activate it for other studies; this one does not follow.
    assert client_of(admin).post(f"/api/v1/models/{trained_here.pk}/activate").status_code == 200
    assert model_of(cast.study) == installed_model()
    listed = client_of(cast.coordinator).get("/api/v1/models", {"study": cast.study.slug}).json()
    assert str(trained_here.pk) not in [model["id"] for model in listed["results"]]


def test_coordinator_changes_a_fixed_model_with_an_amendment(cast, client_of):
    cast.assign_cases()
    model = add_ready_model(cast.coordinator, "a")
    client, address = client_of(cast.coordinator), f"/api/v1/studies/{cast.study.slug}/model"
    before = client.get(address).json()
    assert (before["fixed"], before["model"]["origin"]) == (True, "installed")
    missing = client.post(f"{address}/select", {"model": str(model.pk)})
    assert missing.json()["error"]["code"] == "amendment_missing"
    changed = client.post(f"{address}/select", {"model": str(model.pk), "amendment": AMENDMENT})
    assert changed.json()["model"]["id"] == str(model.pk)
    last = changed.json()["history"][-1]
    assert (last["kind"], last["amendment"]) == ("amended", AMENDMENT)


def test_list_is_paged(cast, client_of, admin):
    installed = installed_model()
    RegisteredModel.objects.bulk_create(
        RegisteredModel(
            name=f"m{n}",
            origin="uploaded",
            state="ready",
            checksum=f"{n:064d}",
            size_bytes=1,
            parameters=1,
            network="verteread-lite",
            file=f"models/{n}",
            added_by=admin,
        )
        for n in range(25)
    )
    client = client_of(cast.coordinator)
    first, second = (client.get("/api/v1/models", {"page": n}).json() for n in (1, 2))
    assert (first["count"], first["pages"], len(first["results"])) == (26, 2, 20)
    assert str(installed.pk) in [model["id"] for model in second["results"]]


def test_pages_show_models_and_select_one(cast, client_of, admin):
    cast.assign_cases()
    model = add_ready_model(admin, "Site B")
    client, slug = client_of(cast.coordinator), cast.study.slug
    page = client.get(f"/studies/{slug}/models").content.decode()
    assert "It is fixed" in page and "Site B" in page
    assert "analysed with other weights" not in page
    address = f"/studies/{slug}/models/{model.pk}/select"
    form = {"number": 1, "dated": "2026-11-01", "reason": "better"}
    wrong = client.post(address, {**form, "dated": "2999-01-01"}, format="multipart")
    assert "in the future" in wrong.content.decode()
    done = client.post(address, form, format="multipart", follow=True)
    assert "New analyses of this study use Site B" in done.content.decode()
    card = client.get(f"/models/{model.pk}").content.decode()
    assert model.checksum in card


def test_administrator_activates_on_the_page(cast, client_of, admin):
    model = add_ready_model(admin, "Site B")
    client = client_of(admin)
    page = client.post(f"/models/{model.pk}/activate", follow=True).content.decode()
    assert "Site B is active" in page
    again = client.post(f"/models/{model.pk}/activate", follow=True).content.decode()
    assert "already active" in again


def test_site_coordinator_sees_but_does_not_select(cast, client_of):
    activate_model(model=add_ready_model(cast.coordinator, "a"), by=cast.coordinator)
    page = client_of(cast.site_coordinator).get(f"/studies/{cast.study.slug}/models")
    assert page.status_code == 200
    assert "/select" not in page.content.decode()


def test_basis_and_source_studies_are_shown_where_activation_is_decided(cast, client_of, admin):
    model = add_ready_model(cast.coordinator, "tuned", cast.study, cast.outside_study)
    run = FineTuningRun.objects.create(
        name="tuned",
        by=cast.coordinator,
        start=installed_model(),
        result=model,
        consent="Broad consent, approval 12/2026",
        finished_at=timezone.now(),
    )
    page = client_of(admin).get(f"/models/{model.pk}").content.decode()
    for text in (run.consent, run.by.shown_name, cast.study.name, cast.outside_study.name):
        assert text in page
    page = client_of(cast.coordinator).get(f"/models/{model.pk}").content.decode()
    assert cast.study.name in page
    assert run.consent not in page and cast.outside_study.name not in page
