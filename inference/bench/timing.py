"""Interleaved timing, so that load on the machine affects all contestants equally."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Times:
    """Wall time and processor time (summed over threads) of each round, in seconds."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def wall_s(self) -> float:
        """Median wall time in seconds."""
        return statistics.median(self.wall)

    @property
    def processor_s(self) -> float:
        """Median processor time in seconds."""
        return statistics.median(self.processor)


def alternate(contestants: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Times]:
    """Run all contestants once without measuring, then ``rounds`` times in turn.

    Parameters
    ----------
    contestants
        Functions to be timed, by name.
    rounds
        Number of measured rounds.

    Examples
    --------
    >>> times = alternate({"a": lambda: None, "b": lambda: sum(range(100_000))}, rounds=3)
    >>> times["a"].processor_s < times["b"].processor_s
    True
    """
    # The first call may allocate memory or compile code and is not measured.
    for run in contestants.values():
        run()
    times = {name: Times() for name in contestants}
    # Contestants run in turn, so that slow drifts affect all of them equally.
    for _ in range(rounds):
        for name, run in contestants.items():
            wall, processor = time.perf_counter(), time.process_time()
            run()
            times[name].wall.append(time.perf_counter() - wall)
            times[name].processor.append(time.process_time() - processor)
    return times
