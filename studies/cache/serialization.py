"""How values are written to the shared cache: numbers, bytes and JSON, never pickled objects.

With pickle, anyone who can write to the cache could run code in every process that reads it.
"""

from __future__ import annotations

import json
from typing import Any

BYTES, JSON = b"b", b"j"


class CacheSerializer:
    """A serialiser for Django's Redis cache."""

    def dumps(self, value: Any) -> int | bytes:
        if type(value) is int:
            # As itself, so that Redis can count it up.
            return value
        if isinstance(value, bytes):
            return BYTES + value
        return JSON + json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        """Return the value; None, as for a miss, when the bytes are in no format known here."""
        kind, rest = data[:1], data[1:]
        try:
            if kind == BYTES:
                return rest
            return json.loads(rest) if kind == JSON else int(data)
        except ValueError:
            return None
