"""Read and check the container of a weights file with the standard library and numpy alone.

A safetensors file starts with the length of its header (8 bytes, little-endian) and the header as
JSON: metadata, and type, shape and position of every tensor. The module serves processes that have
neither the library nor torch, and files whose origin is unknown: nothing is allocated from a number
in the file before it was compared with the size of the file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from inference.network.configuration import CONFIGS, Config

FORMAT: Final = "verteread-1"
SCALE: Final = ".scale"
"""Suffix of the name of the scales (output channels,) that belong to a tensor of 8-bit weights."""
MAX_HEADER_BYTES: Final = 2**20
MAX_TENSORS: Final = 10_000
MAX_INPUT_SIDE: Final = 2048
TYPES: Final[Mapping[str, np.dtype[Any]]] = {
    "F16": np.dtype("<f2"),
    "F32": np.dtype("<f4"),
    "I8": np.dtype("|i1"),
    "I64": np.dtype("<i8"),
}
"""Types of the tensors that VerteRead writes."""


class UnusableWeights(ValueError):
    """Raised for a file that is not a weights file of VerteRead; the message states the reason."""


@dataclass(frozen=True, slots=True)
class WeightsSummary:
    """Facts about a weights file, from its header.

    Attributes
    ----------
    config
        Configuration of the network, one of `CONFIGS` apart from the size of its input.
    about
        Free metadata, such as training data.
    parameters
        Number of values in all tensors.
    """

    config: Config
    about: Mapping[str, Any]
    parameters: int

    @property
    def trained_on(self) -> str:
        """Return the description of the training data; empty if the file has none."""
        return str(self.about.get("trained_on", ""))

    @property
    def start_checksum(self) -> str:
        """Return the SHA-256 of the weights that training started from; empty if unknown."""
        start = self.about.get("start")
        return str(start.get("sha256", "")) if isinstance(start, dict) else ""


def summarize_weights(data: bytes) -> WeightsSummary:
    """Check a weights file and return its facts.

    Parameters
    ----------
    data
        The whole file.

    Raises
    ------
    UnusableWeights
        If the file is not a complete safetensors file of VerteRead, holds tensors of other types or
        values that are not numbers, or is for a network that this version does not have.
    """
    header, content = _split(data)
    metadata = header.pop("__metadata__", None)
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise UnusableWeights(
            f"This is not a VerteRead weights file: its header does not name the format {FORMAT}."
        )
    config, about = _config(metadata), _parsed(metadata.get("about", "{}"))
    if not header or len(header) > MAX_TENSORS:
        raise UnusableWeights("The file contains no tensors, or more than any network has.")
    positions = sorted(_check_tensor(name, entry, content) for name, entry in header.items())
    # Consecutive tensors without gaps, as the format requires: nothing is hidden between them.
    end = 0
    for start, stop in positions:
        if start != end:
            raise UnusableWeights("The tensors of the file overlap or leave gaps.")
        end = stop
    if end != len(content):
        raise UnusableWeights("The file does not end with its last tensor.")
    _check_scales(header)
    parameters = sum(math.prod(entry["shape"]) for entry in header.values())
    return WeightsSummary(config, about if isinstance(about, dict) else {}, parameters)


def _split(data: bytes) -> tuple[dict[str, Any], memoryview]:
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > MAX_HEADER_BYTES or 8 + length > len(data):
        raise UnusableWeights("This is not a safetensors file, or it is incomplete.")
    header = _parsed(data[8 : 8 + length])
    if not isinstance(header, dict):
        raise UnusableWeights("This is not a safetensors file: its header is not a JSON object.")
    return header, memoryview(data)[8 + length :]


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise UnusableWeights("The header of the file is not valid JSON.") from error


def _config(metadata: Mapping[str, Any]) -> Config:
    try:
        config = Config.from_dict(_parsed(metadata.get("config", "")))
        known = CONFIGS[config.name]
        height, width = config.input_size
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnusableWeights(
            "The file is for a network that this version of VerteRead does not have."
        ) from error
    # Weights of earlier versions have no second stage.
    accepted = [
        replace(known, input_size=config.input_size, refiner=refiner)
        for refiner in (known.refiner, None)
    ]
    # Any other configuration could describe a network that does not fit into memory.
    if config not in accepted or not all(
        type(side) is int and 0 < side <= MAX_INPUT_SIDE and side % known.size_step == 0
        for side in (height, width)
    ):
        raise UnusableWeights(f"The file is for another version of the network {known.name}.")
    return config


def _check_scales(header: Mapping[str, Any]) -> None:
    """Check that every scale has one value per output channel.

    Weights are multiplied by it, so any other shape would make a tensor of another size, which can
    be larger than memory.
    """
    for name, entry in header.items():
        weights = header.get(name.removesuffix(SCALE))
        if (
            name.endswith(SCALE)
            and weights is not None
            and not fits_scale(tuple(weights["shape"]), tuple(entry["shape"]))
        ):
            raise UnusableWeights(f"The tensor {name[:80]} does not have one value per channel.")


def fits_scale(weights: tuple[int, ...], scale: tuple[int, ...]) -> bool:
    """Return whether a scale of this shape has one value per output channel of the weights."""
    return scale == weights[:1] != ()


def _check_tensor(name: str, entry: Any, content: memoryview) -> tuple[int, int]:
    """Check one tensor and return where it starts and ends."""
    try:
        dtype, shape = TYPES[entry["dtype"]], entry["shape"]
        start, stop = entry["data_offsets"]
        sides = [start, stop, *shape]
    except (KeyError, TypeError, ValueError) as error:
        raise UnusableWeights(f"The tensor {name[:80]} is not described as expected.") from error
    if not all(type(side) is int and side >= 0 for side in sides) or stop > len(content):
        raise UnusableWeights(f"The tensor {name[:80]} lies outside the file.")
    if math.prod(shape) * dtype.itemsize != stop - start:
        raise UnusableWeights(f"The tensor {name[:80]} has a size that does not match its shape.")
    values = np.frombuffer(content[start:stop], dtype)
    # Infinite variances occur in 16-bit files and make a channel constant.
    if dtype.kind == "f" and np.isnan(values).any():
        raise UnusableWeights(f"The tensor {name[:80]} contains values that are not numbers.")
    return start, stop
