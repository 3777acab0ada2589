"""Tables of an ablation: means over seeds with confidence intervals."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
from scipy.stats import t as student

from inference.training.ablation.trials import WHOLE, Trial

Interval = tuple[float, float]

HEAD = (
    "| network | parameters | seeds | error, px of 512 x 1024 | difference from the full network "
    "| 95 % CI excludes 0 | bodies labelled correctly | error of these |"
)


def trials_csv(trials: Sequence[Trial]) -> str:
    """Return all trials as CSV, one per row."""
    text = io.StringIO()
    table = csv.DictWriter(text, list(Trial.__dataclass_fields__), lineterminator="\n")
    table.writeheader()
    table.writerows(asdict(trial) for trial in trials)
    return text.getvalue()


def table_markdown(trials: Sequence[Trial], *, label: str) -> str:
    """Return a Markdown table with one row per network.

    Differences are paired by seed, because both networks of a pair were trained on the same images
    in the same order.

    Parameters
    ----------
    trials
        Finished trials.
    label
        Heading, which describes network, data and duration of the training.
    """
    by_name: dict[str, dict[int, Trial]] = {}
    for trial in trials:
        by_name.setdefault(trial.network, {})[trial.seed] = trial
    whole = by_name.get(WHOLE, {})
    rows = [_row(name, by_seed, whole) for name, by_seed in by_name.items()]
    return "\n".join([label, "", HEAD, "|---" * 8 + "|", *rows]) + "\n"


def interval_of_mean(values: Sequence[float]) -> Interval | None:
    """Return the 95 % confidence interval of the mean by the t distribution.

    It is ``None`` for fewer than two values.

    Examples
    --------
    >>> [round(end, 2) for end in interval_of_mean([1.0, 2.0, 3.0])]
    [-0.48, 4.48]
    """
    n = len(values)
    if n < 2:
        return None
    # With few seeds the normal distribution would give intervals that are too narrow.
    half = float(student.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n))
    middle = float(np.mean(values))
    return middle - half, middle + half


def _row(name: str, by_seed: Mapping[int, Trial], whole: Mapping[int, Trial]) -> str:
    trials = list(by_seed.values())
    paired = [by_seed[seed].error - whole[seed].error for seed in by_seed if seed in whole]
    excludes_zero = "-"
    if name != WHOLE:
        ends = interval_of_mean(paired)
        # Without an interval no difference can be claimed.
        excludes_zero = "no" if ends is None or ends[0] <= 0 <= ends[1] else "yes"
    # A trial without any correctly labelled body has no such error.
    right = [trial.right_error for trial in trials if trial.right_error is not None]
    cells = [
        name,
        f"{trials[0].parameters:,}",
        str(len(trials)),
        _mean([trial.error for trial in trials]),
        "-" if name == WHOLE else _mean(paired, signed=True),
        excludes_zero,
        f"{np.mean([trial.right for trial in trials]):.0%}",
        f"{np.mean(right):.1f}" if right else "-",
    ]
    return f"| {' | '.join(cells)} |"


def _mean(values: Sequence[float], *, signed: bool = False) -> str:
    if not values:
        return "-"
    sign = "+" if signed else ""
    ends = interval_of_mean(values)
    spread = "" if ends is None else f" [{ends[0]:{sign}.1f}, {ends[1]:{sign}.1f}]"
    return f"{np.mean(values):{sign}.1f}{spread}"
