"""The weights that a command is asked to use."""

from __future__ import annotations

import sys
from pathlib import Path

from inference.pipeline import Predicts


def load_weights(weights: Path | None, threads: int | None) -> Predicts:
    """The network, and with it torch; unusable weights end the program with one line."""
    from inference.predictor import Predictor
    from inference.vertenet.checkpoint import CheckpointError

    try:
        return Predictor.load(weights, threads=threads)
    except (CheckpointError, OSError) as error:
        sys.exit(f"The weights cannot be used: {error}")
