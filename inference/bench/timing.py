"""Times that may be compared: alternated in one run, so that a busy machine is busy for all."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Times:
    """Seconds of each round: by the clock, and of processor time over all threads."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def wall_s(self) -> float:
        return statistics.median(self.wall)

    @property
    def processor_s(self) -> float:
        return statistics.median(self.processor)


def alternate(contestants: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Times]:
    """Run all once unmeasured, then ``rounds`` times one after the other.

    Examples
    --------
    >>> times = alternate({"a": lambda: None, "b": lambda: sum(range(100_000))}, rounds=3)
    >>> times["a"].processor_s < times["b"].processor_s
    True
    """
    for run in contestants.values():
        run()
    times = {name: Times() for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            wall, processor = time.perf_counter(), time.process_time()
            run()
            times[name].wall.append(time.perf_counter() - wall)
            times[name].processor.append(time.process_time() - processor)
    return times
