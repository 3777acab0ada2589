"""Readings as bytes for the shared cache: arrays and JSON, never pickled objects."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from dataclasses import fields
from io import BytesIO
from typing import Any

import numpy as np

from studies.analytics.table import ReadingTable

FORMAT = 1
"""Raise it when the same fields come to mean something else."""
MOST_TABLE_BYTES = 16 * 2**20
_FIELDS = [field for field in fields(ReadingTable) if not field.name.startswith("_")]
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OSError, EOFError)
_DAMAGED = (zipfile.BadZipFile, zlib.error)


def format_name() -> str:
    """Name the format, for the key: another name when the table gains or loses a field."""
    described = json.dumps([FORMAT, [(field.name, str(field.type)) for field in _FIELDS]])
    return hashlib.sha256(described.encode()).hexdigest()[:12]


def pack_readings(table: ReadingTable, data_hash: str) -> bytes | None:
    """Return readings and their hash as bytes; None when the table is too large to be shared."""
    values = {field.name: getattr(table, field.name) for field in _FIELDS}
    arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    if sum(array.nbytes for array in arrays.values()) > MOST_TABLE_BYTES:
        return None
    plain = {name: value for name, value in values.items() if name not in arrays}
    text = json.dumps({"data_hash": data_hash, "values": plain})
    out = BytesIO()
    np.savez_compressed(out, plain=np.frombuffer(text.encode(), np.uint8), **arrays)
    return out.getvalue()


def unpack_readings(data: bytes) -> tuple[ReadingTable, str] | None:
    """Return readings and their hash from `pack_readings`; None when the bytes are not that."""
    try:
        with np.load(BytesIO(data), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        described = json.loads(arrays.pop("plain").tobytes())
        plain = {name: _tuple(value) for name, value in described["values"].items()}
        return ReadingTable(**arrays, **plain), str(described["data_hash"])
    except (*_UNREADABLE, *_DAMAGED):
        return None


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
