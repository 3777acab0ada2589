"""A line that says how far a long run is and how long it will still take."""

from __future__ import annotations

import time
from typing import TextIO

WIDTH = 30
LINES = 10


class Progress:
    """Counts steps; a bar on a terminal, elsewhere about ten lines in all.

    Time is judged by this run's own steps: what an earlier run had done goes by at once.
    """

    def __init__(self, total: int, stream: TextIO, what: str = "images") -> None:
        self.total, self.stream, self.what = total, stream, what
        self.done = 0
        self.bar = stream.isatty()
        self.started = time.monotonic()

    def step(self) -> None:
        """One more is done."""
        self.done += 1
        if self.bar:
            filled = WIDTH * self.done // max(self.total, 1)
            drawn = "#" * filled + "." * (WIDTH - filled)
            end = "\n" if self.done == self.total else ""
            self.stream.write(f"\r[{drawn}] {self._words()}    {end}")
            self.stream.flush()
        elif self.done * LINES // self.total > (self.done - 1) * LINES // self.total:
            self.stream.write(self._words() + "\n")
            self.stream.flush()

    def _words(self) -> str:
        each = (time.monotonic() - self.started) / self.done
        left = each * (self.total - self.done)
        time_left = f"{left / 60:.0f} min" if left >= 90 else f"{left:.0f} s"
        words = f"{self.done} of {self.total} {self.what}"
        return words if self.done == self.total else f"{words}, about {time_left} left"
