"""Values that a sandbox answered, checked one by one before anything relies on them."""

from __future__ import annotations

import math
from collections.abc import Mapping

MAX_ITEMS = 100


class Values:
    """JSON values of an untrusted process.

    Every method raises ValueError, without the value, where a value is missing or not what is
    asked for.
    """

    def __init__(self, values: object) -> None:
        if not isinstance(values, Mapping):
            raise ValueError("The sandbox did not answer with an object.")
        self._values = values

    def has(self, name: str) -> bool:
        """Whether a value is there and not null."""
        return self._values.get(name) is not None

    def text(self, name: str, *, most: int = 200) -> str:
        """A text of at most `most` characters."""
        value = self._values.get(name)
        if not isinstance(value, str) or len(value) > most or "\0" in value:
            raise _wrong(name)
        return value

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        value = self._values.get(name)
        if type(value) is not int or not low <= value <= high:
            raise _wrong(name)
        return value

    def number(self, name: str) -> float:
        """A finite number."""
        value = self._values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong(name)
        if not math.isfinite(value):
            raise _wrong(name)
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._values.get(name)
        if not isinstance(value, bool):
            raise _wrong(name)
        return value

    def pair(self, name: str) -> tuple[float, float] | None:
        """Two positive finite numbers, or ``None`` for null."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) != 2:
            raise _wrong(name)
        both = Values(dict(zip("ab", value, strict=True)))
        first, second = both.number("a"), both.number("b")
        if min(first, second) <= 0:
            raise _wrong(name)
        return first, second

    def inner(self, name: str) -> Values:
        """An object."""
        return Values(self._values.get(name))

    def items(self, name: str) -> list[Values]:
        """A list of at most `MAX_ITEMS` objects."""
        value = self._values.get(name)
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            raise _wrong(name)
        return [Values(item) for item in value]

    def texts(self, name: str, *, most: int) -> list[str]:
        """A list of at most `most` short texts."""
        value = self._values.get(name)
        if not isinstance(value, list) or len(value) > most:
            raise _wrong(name)
        return [Values({"item": item}).text("item") for item in value]


def _wrong(name: str) -> ValueError:
    return ValueError(f"The sandbox answered no usable {name}.")
