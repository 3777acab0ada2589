"""The weights that a command is asked to use."""

from __future__ import annotations

import sys
from pathlib import Path

from inference.pipeline import Predicts
from inference.predictor import Predictor
from inference.runtime.session import RuntimeUnavailable
from inference.weights_header import CheckpointError


def load_weights(weights: Path | None, threads: int | None) -> Predicts:
    """A warm network; unusable weights end the program with one line."""
    try:
        return Predictor.load(weights, threads=threads)
    except (CheckpointError, RuntimeUnavailable, OSError) as error:
        sys.exit(f"The weights cannot be used: {error}")
