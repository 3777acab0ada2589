"""``make bench-growth``: how lists, saving and results grow, beside 0.1.0 in the same run.

Each scenario runs on each version in turn, and the better round of each counts. The machine
decides about seconds, so compare the ratios. ``--full`` takes 1,000 and 10,000 cases instead of
100 and 1,000, ``--only NAME`` runs one scenario.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from . import four_arms, scenarios, table
from .versions import BASELINE, NOW, ProbeFailed, Version, versions

SMALL, FULL = (100, 1_000), (1_000, 10_000)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    parser.add_argument("--full", action="store_true", help="1,000 and 10,000 cases")
    parser.add_argument("--only", default="", metavar="NAME", help="part of a scenario's name")
    parser.add_argument("--sizes", type=int, nargs="+", metavar="N", help="other numbers of cases")
    parser.add_argument("--rounds", type=int, default=2, metavar="N")
    options = parser.parse_args(arguments)
    sizes = tuple(options.sizes or (FULL if options.full else SMALL))
    say(table.head())
    with tempfile.TemporaryDirectory(prefix="verteread-growth-") as work:
        sides = versions(Path(work))
        for name in scenario_names():
            if options.only in name:
                run(name, sides, sizes, options.rounds)
    return 0


def scenario_names() -> list[str]:
    """Return the full names of the modules of all scenarios."""
    packages = (scenarios, four_arms)
    return [f"{p.__name__}.{module.name}" for p in packages for module in iter_modules(p.__path__)]


def run(name: str, sides: dict[str, Version], sizes: tuple[int, ...], rounds: int) -> None:
    scenario = import_module(name)
    if now_only := getattr(scenario, "NOW_ONLY", False):
        sides = {NOW: sides[NOW]}
    if getattr(scenario, "LARGEST_ONLY", False):
        sizes = sizes[-1:]
    for cases in getattr(scenario, "SIZES", sizes):
        best: dict[str, table.Figures] = {}
        for _ in range(min(rounds, getattr(scenario, "ROUNDS", rounds))):
            for side in sides.values():
                figures = _measure(scenario, side, cases)
                if figures and (side.name not in best or figures.cost < best[side.name].cost):
                    best[side.name] = figures
        recorded = "" if now_only else scenario.RECORDED.get(cases, "not measured")
        now = best[NOW]
        say(table.line(scenario.WHAT, cases, best.get(BASELINE), now, recorded, scenario.TARGET))


def _measure(scenario: Any, side: Version, cases: int) -> table.Figures | None:
    """None when 0.1.0 does not run with the packages installed here."""
    try:
        figures: table.Figures = scenario.measure(side, cases)
    except ProbeFailed as error:
        if side.name == NOW:
            raise
        sys.stderr.write(f"{error}\n")
        return None
    return figures


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
