"""The networks that a worker process has loaded, at most two at a time."""

from __future__ import annotations

import hashlib
import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import Final

from inference.network.weights_header import CheckpointError
from inference.predictor import Predictor
from inference.runtime.selection import usable_threads
from studies.celery import app
from studies.registry.installed import installed_model, installed_path
from studies.registry.models import RegisteredModel
from studies.storage.files import read_stored

MAX_LOADED: Final = 2
"""Two, because the studies of an installation usually share one model or are between two."""


class LoadedPredictors:
    """Predictors by model; the one that was used least recently is dropped first.

    Parameters
    ----------
    limit
        Largest number of predictors in memory.
    """

    def __init__(self, limit: int = MAX_LOADED) -> None:
        self._limit = limit
        self._loaded: OrderedDict[str, Predictor] = OrderedDict()

    def __len__(self) -> int:
        return len(self._loaded)

    def get(self, model: RegisteredModel | None) -> Predictor:
        """Return the predictor of a model, or that of the installed weights for None.

        Raises
        ------
        CheckpointError
            The weights cannot be used, or the stored file is not the registered one.
        StorageUnavailable
            The weights cannot be fetched.
        """
        key = model.checksum if model else ""
        if key not in self._loaded:
            # Before loading, so that memory holds at most the limit at any time.
            while len(self._loaded) >= self._limit:
                self._loaded.popitem(last=False)
            self._loaded[key] = _load(model)
        self._loaded.move_to_end(key)
        return self._loaded[key]

    def clear(self) -> None:
        """Drop all predictors."""
        self._loaded.clear()


def _load(model: RegisteredModel | None) -> Predictor:
    # The installed file needs no copy.
    if model is None or model == installed_model():
        return load_weights(installed_path())
    return load_registered(model)


def load_registered(model: RegisteredModel) -> Predictor:
    """Load the stored weights of a model, after a comparison with its checksum.

    Raises
    ------
    CheckpointError, StorageUnavailable
        As `LoadedPredictors.get`.
    """
    content = read_stored(model.file)
    if hashlib.sha256(content).hexdigest() != model.checksum:
        raise CheckpointError(f"the stored weights of {model.name} are damaged")
    with tempfile.TemporaryDirectory(prefix="verteread-weights-") as folder:
        path = Path(folder) / "weights.safetensors"
        path.write_bytes(content)
        return load_weights(path)


def load_weights(path: Path) -> Predictor:
    """Load a weights file, for this process's share of the processor cores."""
    return Predictor.load(
        path,
        threads=usable_threads(processes=app.conf.worker_concurrency),
        # Disagreement tells which cases are worth correcting.
        compare_unclear=True,
    )
