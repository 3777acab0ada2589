"""Serialise readings for the shared cache as arrays and JSON.

Pickle is avoided: anyone able to write to the cache could otherwise run code in the web process.
"""

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
"""Increase when a field changes its meaning without changing its name or type."""
# Uncompressed size, about 160,000 readings; larger tables are read from the database again.
MAX_TABLE_BYTES = 32 * 2**20
# Private fields hold values derived from the others; a table computes them again when needed.
_FIELDS = [field for field in fields(ReadingTable) if not field.name.startswith("_")]
# Errors that truncated, corrupted or foreign bytes can cause while they are unpacked.
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OSError, EOFError)
_CORRUPT = (zipfile.BadZipFile, zlib.error)


def format_name() -> str:
    """Return the name of the format for cache keys; it changes with the fields of the table."""
    description = json.dumps([FORMAT, [(field.name, str(field.type)) for field in _FIELDS]])
    # A table stored by another version has another key, so it is never read with the wrong fields.
    return hashlib.sha256(description.encode()).hexdigest()[:12]


def pack_readings(table: ReadingTable, data_hash: str) -> bytes | None:
    """Return readings and their hash as bytes; None if the table exceeds MAX_TABLE_BYTES."""
    values = {field.name: getattr(table, field.name) for field in _FIELDS}
    arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    # Measured before compression, because the table is unpacked in the memory of a web process.
    if sum(array.nbytes for array in arrays.values()) > MAX_TABLE_BYTES:
        return None
    plain = {name: value for name, value in values.items() if name not in arrays}
    text = json.dumps({"data_hash": data_hash, "values": plain})
    out = BytesIO()
    # The archive holds arrays only, so the JSON travels as an array of its bytes.
    arrays["plain"] = np.frombuffer(text.encode(), np.uint8)
    np.savez_compressed(out, **arrays)  # type: ignore[arg-type]  # stub: allow_pickle is a bool
    return out.getvalue()


def unpack_readings(data: bytes) -> tuple[ReadingTable, str] | None:
    """Return readings and their hash as packed by `pack_readings`; None for invalid bytes."""
    try:
        # Explicit, because an array of objects would be unpickled, and pickled bytes can run code.
        with np.load(BytesIO(data), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        content = json.loads(arrays.pop("plain").tobytes())
        plain = {name: _tuple(value) for name, value in content["values"].items()}
        return ReadingTable(**arrays, **plain), str(content["data_hash"])
    except (*_UNREADABLE, *_CORRUPT):
        return None


def _tuple(value: Any) -> Any:
    # JSON has no tuples, and the table compares and indexes its labels as tuples.
    return tuple(value) if isinstance(value, list) else value
