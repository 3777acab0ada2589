"""Agreement between readers from a tidy long CSV file, without a database."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from studies.analytics.agreement import DEFAULT_COMPARISON, agreement
from studies.analytics.contrasts import contrast
from studies.analytics.kappa import WEIGHTS
from studies.analytics.places import by_place
from studies.analytics.resampling import Bootstrap
from studies.analytics.results import Agreement
from studies.analytics.scale import DEFAULT_GROUP_LIMITS
from studies.analytics.tidy_csv import TableError, read_csv


def _two_words(text: str) -> tuple[str, str]:
    words = [word.strip() for word in text.split(",")]
    if len(words) != 2 or not all(words) or words[0] == words[1]:
        raise ArgumentTypeError(
            "give two different arms, periods or replicates, for example guided,unguided"
        )
    return words[0], words[1]


def _replicates(text: str) -> int:
    if not text.isdigit() or not 10 <= int(text) <= 100_000:
        raise ArgumentTypeError("give a whole number from 10 to 100000")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdigit():
        raise ArgumentTypeError("give a whole number of at least 0")
    return int(text)


def _limits(text: str) -> tuple[int, int]:
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdigit() for part in parts):
        raise ArgumentTypeError("give two totals, for example 2,6")
    moderate, high = (int(part) for part in parts)
    if not 0 < moderate < high <= 24:
        raise ArgumentTypeError("the limits must rise and lie within 1 to 24")
    return moderate, high


class Command(BaseCommand):
    help = (
        "Agreement between readers from a tidy long CSV file with the columns reader, case, level, "
        "wall, score, and arm, patient, period, replicate, validity where it has them."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--json", action="store_true", help="print every record as JSON")
        parser.add_argument(
            "--weights", action="append", choices=WEIGHTS, help="of kappa; default: all three"
        )
        parser.add_argument(
            "--compare",
            type=_two_words,
            metavar="A,B",
            help=(
                "what the differences are of, first minus second: two arms, or periods or "
                'replicates, as in "period 2,period 1" or "guided replicate 2,guided"; default: '
                "guided,unguided"
            ),
        )
        parser.add_argument(
            "--group-limits",
            type=_limits,
            metavar="M,H",
            default=DEFAULT_GROUP_LIMITS,
            help="lowest totals of the moderate and the high group; default: 2,6",
        )

        parser.add_argument(
            "--bootstrap",
            type=_replicates,
            metavar="N",
            help="add percentile intervals of N patient bootstrap replicates",
        )
        parser.add_argument(
            "--by",
            action="append",
            choices=("site", "scanner"),
            default=[],
            help="add every statistic within each site or scanner of the cases",
        )
        parser.add_argument("--seed", type=_seed, default=0, help="of the bootstrap; default: 0")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["by"] and not options["json"]:
            raise CommandError("--by adds records: give --json as well.")
        try:
            table = read_csv(options["file"], group_limits=options["group_limits"])
        except TableError as problem:
            raise CommandError(str(problem)) from problem
        warnings = []
        try:
            table = contrast(table, options["compare"]) if options["compare"] else table
        except ValueError as problem:
            warnings.append(f"{problem} No differences were computed.")
            self.stderr.write(warnings[0])
        bootstrap = options["bootstrap"] and Bootstrap.draw(
            len(table.patients), replicates=options["bootstrap"], seed=options["seed"]
        )
        chosen = options["weights"] or list(WEIGHTS)
        asked = {
            "weights": [scheme for scheme in WEIGHTS if scheme in chosen],
            "compare": options["compare"] or DEFAULT_COMPARISON,
            "bootstrap": bootstrap,
            "detail": True,
        }
        found = agreement(table, **asked)
        found = replace(found, warnings=(*found.warnings, *warnings))
        if options["json"]:
            records = found.records()
            for by in options["by"]:
                records += [result.record() for result in by_place(table, by, **asked)]
            whole = {"results": records, "warnings": list(found.warnings)}
            self.stdout.write(json.dumps(whole, allow_nan=False, ensure_ascii=False))
        else:
            self._write_table(found)

    def _write_table(self, found: Agreement) -> None:
        self.stdout.write(
            f"{'outcome':<14} {'weights':<10} {'arm':<17} {'readers':<24} "
            f"{'kappa':>7}  {'95 % CI':<16} {'n':>6}"
        )
        for result in found.results:
            shown = result.statistic in ("cohen_kappa", "kappa_difference")
            if not shown or not result.is_plain:
                continue
            estimate = result.estimate
            value = "" if estimate.value is None else f"{estimate.value:.3f}"
            interval = "{:.3f} to {:.3f}".format(*estimate.ci) if estimate.ci else ""
            self.stdout.write(
                f"{result.outcome:<14} {result.weights or '':<10} {result.arm or '':<17} "
                f"{' and '.join(result.readers):<24} {value:>7}  {interval:<16} {estimate.n:>6}  "
                f"{estimate.note}".rstrip()
            )
        for warning in found.warnings:
            self.stdout.write(warning)
