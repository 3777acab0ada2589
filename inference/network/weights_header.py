"""Read the header of a weights file without torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from safetensors import SafetensorError, safe_open

from inference.network.configuration import VERTENET, Config
from inference.network.weights_container import FORMAT

Bits = Literal[8, 16, 32]
"""Bits per weight on disk."""


class CheckpointError(ValueError):
    """Raised when a weights file cannot be used; the message names tensors that do not match."""


@dataclass(frozen=True, slots=True)
class WeightsHeader:
    """Header of a weights file.

    Attributes
    ----------
    path
        The file.
    config
        The configuration of the network.
    checksum
        SHA-256 of the file, as hexadecimal digits.
    about
        Free metadata, such as training data and licence.
    """

    path: Path
    config: Config
    checksum: str
    about: Mapping[str, Any]


def is_synthetic(about: Mapping[str, Any]) -> bool:
    """Return whether weights were trained on phantoms only, by the metadata of their header."""
    if "synthetic" in about:
        return bool(about["synthetic"])
    # Headers written before the entry existed, or by `convert --trained-on`, have the text only.
    return str(about.get("trained_on", "")).startswith("synthetic")


def is_safetensors(path: Path) -> bool:
    """Return whether a file is in VerteRead's format, judged by its extension.

    Every other file is treated as a checkpoint of the VerteNet authors.
    """
    return path.suffix == ".safetensors"


def read_header(path: Path | str) -> WeightsHeader:
    """Return the header of a weights file.

    A checkpoint of the authors has no header: its configuration is always ``VERTENET``.

    Raises
    ------
    CheckpointError
        If the file cannot be read, or if it is not a weights file of VerteRead.
    """
    path = Path(path)
    try:
        # The checksum is computed for both formats, since results name the weights by it.
        with path.open("rb") as file:
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(f"{path.name}: cannot be read ({error.strerror})") from error
    if not is_safetensors(path):
        return WeightsHeader(path, VERTENET, checksum, {})
    try:
        # Only the header is read here; tensors of a large file stay on the disk.
        with safe_open(str(path), framework="numpy") as opened:
            header = opened.metadata() or {}
    except SafetensorError as error:
        raise CheckpointError(f"{path.name}: not a safetensors file ({error})") from error
    if header.get("format") != FORMAT:
        raise CheckpointError(f"{path.name}: the header does not state the format {FORMAT!r}")
    try:
        config = Config.from_dict(json.loads(header["config"]))
        # Header values are strings, so structured ones are JSON.
        about = json.loads(header.get("about", "{}"))
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path.name}: the header is damaged or of another version"
        ) from error
    return WeightsHeader(path, config, checksum, about)
