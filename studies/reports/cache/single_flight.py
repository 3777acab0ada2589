"""What was computed last, kept by key in this process; two who ask at once wait for one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from operator import attrgetter
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """Values by key, the last used ones, in a limited number of bytes.

    Parameters
    ----------
    most_bytes
        How much is kept in all. The last value is kept however large it is, until the next one is
        computed: its figures are fetched right after the page.
    size_of
        Returns about how many bytes a value takes; by default its own ``nbytes``.
    """

    def __init__(
        self, most_bytes: int, size_of: Callable[[Value], int] = attrgetter("nbytes")
    ) -> None:
        self.most_bytes, self.size_of = most_bytes, size_of
        self._values: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._lock = Lock()
        self._computing: dict[Hashable, Lock] = {}

    @property
    def nbytes(self) -> int:
        with self._lock:
            return sum(size for _, size in self._values.values())

    def get(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        with self._lock:
            one_at_a_time = self._computing.setdefault(key, Lock())
        with one_at_a_time:
            try:
                with self._lock:
                    if key in self._values:
                        self._values.move_to_end(key)
                        return self._values[key][0]
                value = compute()
                with self._lock:
                    self._values[key] = value, self.size_of(value)
                    self._drop_oldest()
                return value
            finally:
                with self._lock:
                    self._computing.pop(key, None)

    def _drop_oldest(self) -> None:
        size = sum(size for _, size in self._values.values())
        while size > self.most_bytes and len(self._values) > 1:
            size -= self._values.popitem(last=False)[1][1]
