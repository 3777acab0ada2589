"""Results of the network with reproducible weights, computed once for all tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from numpy.typing import NDArray

from inference.bench.deterministic_weights import seeded_grey, seeded_network

REFERENCE = Path(__file__).with_name("reference.npz")
# The reference is exact in float64, which takes twenty times as long as float32.
PRECISIONS = [
    pytest.param(torch.float32, id="float32"),
    pytest.param(torch.float64, id="float64", marks=pytest.mark.slow),
]


@cache
def seeded_maps(precision: torch.dtype) -> dict[str, NDArray[Any]]:
    """Return the result maps (channels first) of the seeded network for the seeded image."""
    grey = torch.from_numpy(seeded_grey() - 0.5)[None, None].to(precision)
    with torch.inference_mode():
        result = seeded_network().to(precision)(grey.repeat(1, 3, 1, 1))
    return {name: value[0].double().numpy() for name, value in result.items()}
