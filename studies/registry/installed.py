"""The model that is installed with the platform, the first entry of every registry."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import IntegrityError

import inference
from inference.network.weights_container import (
    UnusableWeights,
    WeightsSummary,
    summarize_weights,
)
from studies.audit.record import record
from studies.registry.models import RegisteredModel
from studies.storage.files import transaction_with_files

WEIGHTS_FOLDER = Path(inference.__file__).parent / "weights"
SHIPPED = WEIGHTS_FOLDER / "verteread-lite.safetensors"
SHIPPED_CARD = WEIGHTS_FOLDER / "MODEL_CARD.md"


class _Installed(NamedTuple):
    checksum: str
    summary: WeightsSummary


def installed_path() -> Path:
    """Return the weights file of this process: VERTEREAD_WEIGHTS, or the bundled one."""
    return Path(settings.WEIGHTS) if settings.WEIGHTS else SHIPPED


def installed_model() -> RegisteredModel | None:
    """Return the installed model; its first use in an installation registers it.

    The file is stored as well, so that a study that has fixed it can still be analysed after a
    release with other weights. A web process without the file of VERTEREAD_WEIGHTS returns the
    model that a worker registered, or None before that. A checkpoint in the authors' format, which
    the worker alone can read, is not registered: None as well.
    """
    path = installed_path()
    if path.suffix != SHIPPED.suffix:
        return None
    installed = _read(str(path))
    if installed is None:
        registered = RegisteredModel.objects.filter(origin=RegisteredModel.Origin.INSTALLED)
        latest: RegisteredModel | None = registered.first()
        return latest
    model = RegisteredModel.objects.filter(checksum=installed.checksum).first()
    return model or _register(installed, path)


@cache
def _read(path: str) -> _Installed | None:
    """Return checksum and summary of a weights file; None if it cannot be used."""
    try:
        content = Path(path).read_bytes()
        return _Installed(hashlib.sha256(content).hexdigest(), summarize_weights(content))
    except (OSError, UnusableWeights):
        return None


def _card(path: Path) -> str:
    card = SHIPPED_CARD if path == SHIPPED else path.parent / SHIPPED_CARD.name
    try:
        return card.read_text()
    except OSError:
        return ""


def _register(installed: _Installed, path: Path) -> RegisteredModel:
    summary, content = installed.summary, path.read_bytes()
    try:
        with transaction_with_files() as save:
            model = RegisteredModel(
                name=summary.config.name,
                origin=RegisteredModel.Origin.INSTALLED,
                state=RegisteredModel.State.READY,
                checksum=installed.checksum,
                size_bytes=len(content),
                network=summary.config.name,
                parameters=summary.parameters,
                trained_on=summary.trained_on[:200],
                card=_card(path),
            )
            save(model.file, "weights.safetensors", content)
            model.save()
            record("model.registered", subject=model.short_checksum, origin=model.origin)
    except IntegrityError:
        # Another process registered it at the same moment.
        registered: RegisteredModel = RegisteredModel.objects.get(checksum=installed.checksum)
        return registered
    return model
