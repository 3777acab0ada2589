"""Options of the agreement command."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Final

from studies.analytics.coefficients.kappa import WEIGHTS
from studies.analytics.names import same_name
from studies.analytics.scale import DEFAULT_GROUP_LIMITS

DESCRIPTION: Final = (
    "Compute the agreement between readers from a tidy CSV file with one row per reader, case and "
    "cell. The columns reader, case, level, wall and score are required; patient, arm, period, "
    "replicate, validity, position, position_in_session, session_elapsed_ms, reference, case_site, "
    "scanner and active_ms are used where present."
)


def add_options(parser: ArgumentParser) -> None:
    """Add the file argument and all options to a parser."""
    parser.add_argument("file", type=Path, metavar="FILE.csv", help="the readings, in UTF-8")
    parser.add_argument(
        "--json",
        action="store_true",
        help="print every statistic as JSON instead of a table of kappas",
    )
    parser.add_argument(
        "--weights",
        action="append",
        choices=WEIGHTS,
        help="weights of kappa; repeat the option for several (default: all three)",
    )
    parser.add_argument(
        "--compare",
        type=_comparison,
        metavar="A,B",
        help=(
            "compute differences, A minus B, between two arms, periods or replicates, for example "
            '"period 2,period 1" or "guided replicate 2,guided" (default: guided,unguided)'
        ),
    )
    parser.add_argument(
        "--group-limits",
        type=_group_limits,
        metavar="M,H",
        default=DEFAULT_GROUP_LIMITS,
        help="lowest totals of the moderate and high groups (default: 2,6)",
    )
    parser.add_argument(
        "--bootstrap",
        type=_resamples,
        metavar="N",
        help="add bootstrap confidence intervals from N resamples of patients",
    )
    parser.add_argument(
        "--by",
        action="append",
        choices=("site", "scanner"),
        default=[],
        help=(
            "add every statistic within each site or scanner (columns case_site and scanner); "
            "requires --json"
        ),
    )
    parser.add_argument(
        "--seed", type=_seed, metavar="S", default=0, help="seed of the bootstrap (default: 0)"
    )


def _comparison(text: str) -> tuple[str, str]:
    names = [name.strip() for name in text.split(",")]
    if len(names) != 2 or not all(names) or same_name(*names):
        raise ArgumentTypeError(
            "expected two different arms, periods or replicates, for example guided,unguided"
        )
    return names[0], names[1]


def _resamples(text: str) -> int:
    number = _whole_number(text)
    if number is None or not 10 <= number <= 100_000:
        raise ArgumentTypeError("expected a whole number from 10 to 100000")
    return number


def _seed(text: str) -> int:
    number = _whole_number(text)
    if number is None:
        raise ArgumentTypeError("expected a whole number, 0 or higher")
    return number


def _group_limits(text: str) -> tuple[int, int]:
    limits = [_whole_number(part.strip()) for part in text.split(",")]
    if len(limits) == 2:
        moderate, high = limits
        if moderate is not None and high is not None and 0 < moderate < high <= 24:
            return moderate, high
    raise ArgumentTypeError(
        "expected two totals from 1 to 24, the second above the first, for example 2,6"
    )


def _whole_number(text: str) -> int | None:
    """Return a number of up to 18 ASCII digits, None for any other text."""
    # int() alone would also accept signs, underscores and digits of other scripts.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
