"""What the seeded network of the reference figures answers, computed once for all tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray

from inference.bench.deterministic_weights import seeded_grey, seeded_network

REFERENCE = Path(__file__).with_name("reference.npz")


@cache
def seeded_answer() -> dict[str, NDArray[Any]]:
    """The maps (channels first) that the seeded network answers to the seeded input."""
    grey = torch.from_numpy(seeded_grey() - 0.5)[None, None]
    with torch.inference_mode():
        result = seeded_network()(grey.repeat(1, 3, 1, 1))
    return {name: value[0].numpy() for name, value in result.items()}
