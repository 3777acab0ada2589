"""What a file of weights says about itself, read without torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from safetensors import SafetensorError, safe_open

from inference.network.configuration import VERTENET, Config

Bits = Literal[8, 16, 32]
"""Of a weight on disk."""
FORMAT: Final = "verteread-1"


class CheckpointError(ValueError):
    """A file of weights cannot be used; the text says why, with the tensors that do not fit."""


@dataclass(frozen=True, slots=True)
class WeightsHeader:
    """Configuration, SHA-256 and the free part of the header (training data, licence) of a file."""

    path: Path
    config: Config
    checksum: str
    about: Mapping[str, Any]


def is_safetensors(path: Path) -> bool:
    """Our format is known by its ending; every other file is taken for one of the authors'."""
    return path.suffix == ".safetensors"


def read_header(path: Path | str) -> WeightsHeader:
    """Of our safetensors, or of a checkpoint of the authors, which is always the paper's network.

    Raises
    ------
    CheckpointError
        When there is no such file, or it says that it is something else.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(f"{path.name}: cannot be read ({error.strerror})") from error
    if not is_safetensors(path):
        return WeightsHeader(path, VERTENET, checksum, {})
    try:
        with safe_open(str(path), framework="numpy") as opened:
            header = opened.metadata() or {}
    except SafetensorError as error:
        raise CheckpointError(f"{path.name}: not a safetensors file ({error})") from error
    if header.get("format") != FORMAT:
        raise CheckpointError(f"{path.name}: its header does not say format {FORMAT!r}")
    try:
        config = Config.from_dict(json.loads(header["config"]))
        about = json.loads(header.get("about", "{}"))
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path.name}: its header cannot be understood") from error
    return WeightsHeader(path, config, checksum, about)
