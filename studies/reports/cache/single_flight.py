"""A cache within one process that computes each value once, even for simultaneous requests."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from operator import attrgetter
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class SingleFlightCache(Generic[Value]):
    """Least recently used values by key, within a limit of bytes.

    Parameters
    ----------
    max_bytes
        Limit for all values together. The newest value is retained even if it alone is larger,
        because the figures of a page are requested right after the page.
    size_of
        Returns the approximate size of a value in bytes; by default its ``nbytes``.
    """

    def __init__(
        self, max_bytes: int, size_of: Callable[[Value], int] = attrgetter("nbytes")
    ) -> None:
        self.max_bytes, self.size_of = max_bytes, size_of
        self._values: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._lock = Lock()
        self._key_locks: dict[Hashable, Lock] = {}

    @property
    def nbytes(self) -> int:
        """Return the size of all cached values in bytes."""
        with self._lock:
            return sum(size for _, size in self._values.values())

    def get(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return the value of a key; call ``compute`` if it is not cached."""
        # `_lock` guards the dictionaries and is held briefly; a lock per key serialises the
        # computation, so that other keys are not blocked by it.
        with self._lock:
            key_lock = self._key_locks.setdefault(key, Lock())
        # Requests that wait here find the value instead of computing it as well.
        with key_lock:
            try:
                with self._lock:
                    if key in self._values:
                        # The order of the dictionary is the order of use, from which the oldest
                        # value is dropped.
                        self._values.move_to_end(key)
                        return self._values[key][0]
                value = compute()
                with self._lock:
                    self._values[key] = value, self.size_of(value)
                    self._drop_oldest()
                return value
            finally:
                with self._lock:
                    # Threads that wait for the lock keep it alive; later ones find the value.
                    self._key_locks.pop(key, None)

    # Called with the lock held: sizes and values must not change between the sum and the removal.
    def _drop_oldest(self) -> None:
        size = sum(size for _, size in self._values.values())
        while size > self.max_bytes and len(self._values) > 1:
            size -= self._values.popitem(last=False)[1][1]
