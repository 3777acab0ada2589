"""Serialisation of cached values as numbers, bytes or JSON, never as pickled objects.

With pickle, anyone who can write to the cache could run code in every process that reads it.
"""

from __future__ import annotations

import json
from typing import Any

# The first byte of a stored value tells its kind.
BYTES, JSON = b"b", b"j"


class CacheSerializer:
    """A serialiser for Django's Redis cache."""

    def dumps(self, value: Any) -> int | bytes:
        """Return the value as it is stored."""
        if type(value) is int:
            # As a plain number, so that Redis can increment it.
            return value
        if isinstance(value, bytes):
            return BYTES + value
        return JSON + json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        """Return the value, or None, as for a miss, when the bytes are in an unknown format."""
        kind, rest = data[:1], data[1:]
        try:
            if kind == BYTES:
                return rest
            return json.loads(rest) if kind == JSON else int(data)
        # Values that an earlier version stored in another format count as a miss.
        except ValueError:
            return None
