"""The table of kappas that the agreement command prints."""

from __future__ import annotations

from collections.abc import Iterator

from studies.analytics.result import Result
from studies.analytics.results import Agreement

SHOWN = ("cohen_kappa", "kappa_difference")


def kappa_table(result: Agreement) -> Iterator[str]:
    """Yield the lines of the table: one per pair of readers, then the warnings."""
    yield (
        f"{'outcome':<14} {'weights':<10} {'arm':<17} {'readers':<24} "
        f"{'kappa':>7}  {'95 % CI':<16} {'n':>6}"
    )
    for row in result.results:
        if row.statistic in SHOWN and row.is_plain:
            yield _line(row)
    yield from result.warnings


def _line(row: Result) -> str:
    estimate = row.estimate
    value = "" if estimate.value is None else f"{estimate.value:.3f}"
    interval = "{:.3f} to {:.3f}".format(*estimate.ci) if estimate.ci else ""
    return (
        f"{row.outcome:<14} {row.weights or '':<10} {row.arm or '':<17} "
        f"{' and '.join(row.readers):<24} {value:>7}  {interval:<16} {estimate.n:>6}  "
        f"{estimate.note}".rstrip()
    )
