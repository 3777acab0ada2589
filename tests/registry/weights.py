"""Weights files for tests: the bundled network with another header, so with another checksum."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from studies.cases.landmarks.versions import add_version
from studies.cases.models import Case, LandmarkSet
from studies.protocol.models import Study
from studies.readers.models import User
from studies.registry.changes import add_model, begin_check, store_check
from studies.registry.installed import SHIPPED
from studies.registry.models import RegisteredModel


@cache
def shipped() -> bytes:
    return SHIPPED.read_bytes()


def split(data: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def join(header: Any, content: bytes) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content


def weights(name: str = "a", **about: Any) -> bytes:
    """The bundled weights with other metadata."""
    header, content = split(shipped())
    metadata = header["__metadata__"]
    metadata["about"] = json.dumps({"trained_on": name, **about})
    return join(header, content)


def add_ready_model(by: User, name: str, *studies: Study) -> RegisteredModel:
    """A model that was checked, trained on cases of these studies."""
    model = add_model(by=by, name=name, data=weights(name), trained_on=studies)
    claimed = begin_check(pk=model.pk)
    assert claimed is not None
    store_check(model=claimed, evaluation=[])
    model.refresh_from_db()
    return model


def analysed_with(model: RegisteredModel, *cases: Case) -> None:
    """Give cases a new version of their landmarks, as an analysis with this model does."""
    for case in cases:
        before = case.landmark_set
        assert before is not None
        names = ("anterior", "landmarks", "guides", "crop", "morphometry", "bodies")
        add_version(
            case,
            source=LandmarkSet.Source.MODEL,
            model_name=model.name,
            model_checksum=model.checksum,
            **{name: getattr(before, name) for name in names},
        )
        case.save()
