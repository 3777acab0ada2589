"""Progress display with an estimate of the remaining time."""

from __future__ import annotations

import time
from typing import TextIO

WIDTH = 30
"""Characters of the progress bar."""
LINES = 10
"""Number of lines written to a stream that is not a terminal."""


class Progress:
    """Count steps and show progress: a bar on a terminal, otherwise about ten lines in total.

    Parameters
    ----------
    total
        Number of steps.
    stream
        Stream to write to.
    unit
        What is counted, in the plural.

    Notes
    -----
    Remaining time is estimated from the steps of this run only. Results of an earlier run are
    reused at once, so the estimate is too low until the first new step.
    """

    def __init__(self, total: int, stream: TextIO, unit: str = "images") -> None:
        self.total, self.stream, self.unit = total, stream, unit
        self.done = 0
        self.bar = stream.isatty()
        self.started = time.monotonic()

    def step(self) -> None:
        """Count one completed step."""
        self.done += 1
        if self.bar:
            filled = WIDTH * self.done // max(self.total, 1)
            bar = "#" * filled + "." * (WIDTH - filled)
            end = "\n" if self.done == self.total else ""
            self.stream.write(f"\r[{bar}] {self._text()}    {end}")
            self.stream.flush()
        # A line is written each time another tenth of the steps is complete.
        elif self.done * LINES // self.total > (self.done - 1) * LINES // self.total:
            self.stream.write(self._text() + "\n")
            self.stream.flush()

    def _text(self) -> str:
        seconds = max(time.monotonic() - self.started, 1e-6)
        remaining = seconds / self.done * (self.total - self.done)
        duration = f"{remaining / 60:.0f} min" if remaining >= 90 else f"{remaining:.0f} s"
        text = f"{self.done} of {self.total} {self.unit}, {self.done / seconds:.1f} per second"
        return text if self.done == self.total else f"{text}, about {duration} remaining"
