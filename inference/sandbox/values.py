"""Check the values of a sandbox's answer, one by one, before they are used."""

from __future__ import annotations

import math
from collections.abc import Mapping

MAX_ITEMS = 100
"""Longest accepted list of objects."""


class Values:
    """JSON values of an untrusted process.

    Methods raise ValueError if a value is missing or not of the expected kind. The message does not
    contain the value.
    """

    def __init__(self, values: object) -> None:
        if not isinstance(values, Mapping):
            raise ValueError("The sandbox did not return an object.")
        self._values = values

    def has(self, name: str) -> bool:
        """Return whether a value is present and not null."""
        return self._values.get(name) is not None

    def text(self, name: str, *, most: int = 200) -> str:
        """Return a text of at most `most` characters."""
        value = self._values.get(name)
        if not isinstance(value, str) or len(value) > most or not _can_be_stored(value):
            raise _unusable(name)
        return value

    def whole(self, name: str, low: int, high: int) -> int:
        """Return an integer from `low` to `high`."""
        value = self._values.get(name)
        # type() excludes booleans, which isinstance counts as integers.
        if type(value) is not int or not low <= value <= high:
            raise _unusable(name)
        return value

    def number(self, name: str) -> float:
        """Return a finite number."""
        value = self._values.get(name)
        # bool is a subclass of int.
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _unusable(name)
        # Python's JSON parser accepts NaN and infinity.
        if not math.isfinite(value):
            raise _unusable(name)
        return value

    def flag(self, name: str) -> bool:
        """Return a Boolean."""
        value = self._values.get(name)
        if not isinstance(value, bool):
            raise _unusable(name)
        return value

    def pair(self, name: str) -> tuple[float, float] | None:
        """Return two positive finite numbers, ``None`` for null."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) != 2:
            raise _unusable(name)
        both = Values(dict(zip("ab", value, strict=True)))
        first, second = both.number("a"), both.number("b")
        if min(first, second) <= 0:
            raise _unusable(name)
        return first, second

    def inner(self, name: str) -> Values:
        """Return an object."""
        return Values(self._values.get(name))

    def items(self, name: str) -> list[Values]:
        """Return a list of at most `MAX_ITEMS` objects."""
        value = self._values.get(name)
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            raise _unusable(name)
        return [Values(item) for item in value]

    def texts(self, name: str, *, most: int) -> list[str]:
        """Return a list of at most `most` texts of up to 200 characters."""
        value = self._values.get(name)
        if not isinstance(value, list) or len(value) > most:
            raise _unusable(name)
        return [Values({"item": item}).text("item") for item in value]


def _can_be_stored(text: str) -> bool:
    """Return whether a database can store a text.

    JSON may contain NUL and halves of surrogate pairs, which PostgreSQL and UTF-8 do not admit.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _unusable(name: str) -> ValueError:
    return ValueError(f"The sandbox returned no usable {name}.")
