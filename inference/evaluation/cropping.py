"""Accuracy of the crop rules; a cropped aorta is the positive class."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from inference.crop.margin_rule import Method
from inference.evaluation.outcome import LANDMARKS_USED, METHODS, LandmarksUsed, Outcome

Z_95 = 1.959964
"""Quantile of the standard normal distribution for a two-sided 95 % interval."""


def judge_crop(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return accuracy, sensitivity and specificity of each crop rule.

    The rules are evaluated on predicted and on true landmarks. Verdicts ``borderline`` and
    ``unknown`` are counted but excluded from these rates; ``decided`` is the share of other
    verdicts. Each rate has a Wilson 95 % interval; a rate without cases is ``None``.

    Parameters
    ----------
    outcomes
        Outcomes of images; those without a known crop verdict are ignored.

    Returns
    -------
    dict
        Counts and rates by landmarks used and rule.
    """
    return {
        used: {method: _rates(outcomes, used, method) for method in METHODS}
        for used in LANDMARKS_USED
        if any(used in outcome.crop for outcome in outcomes)
    }


def wilson(hits: int, n: int) -> tuple[float, float] | None:
    """Return Wilson's 95 % interval of a proportion, or ``None`` if ``n`` is 0.

    Parameters
    ----------
    hits, n
        Number of successes and of trials.

    References
    ----------
    Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat
    Assoc 1927;22:209-212.

    Examples
    --------
    >>> [round(end, 3) for end in wilson(9, 10)]
    [0.596, 0.982]
    """
    if n == 0:
        return None
    share, square = hits / n, Z_95**2
    # Unlike the Wald interval, this one stays within [0, 1] for small n and extreme proportions.
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z_95 / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return middle - half, middle + half


def _rates(outcomes: Sequence[Outcome], used: LandmarksUsed, method: Method) -> dict[str, Any]:
    # Pairs of true and predicted verdict; images without a known verdict are skipped.
    pairs = Counter(
        (outcome.crop_truth, outcome.crop[used][method])
        for outcome in outcomes
        if used in outcome.crop and outcome.crop_truth is not None
    )
    true_positive, false_negative = pairs["cropped", "cropped"], pairs["cropped", "ok"]
    false_positive, true_negative = pairs["ok", "cropped"], pairs["ok", "ok"]
    decided = true_positive + false_negative + false_positive + true_negative
    return {
        "true_positive": true_positive,
        "false_negative": false_negative,
        "false_positive": false_positive,
        "true_negative": true_negative,
        "borderline": pairs["cropped", "borderline"] + pairs["ok", "borderline"],
        "unknown": pairs["cropped", "unknown"] + pairs["ok", "unknown"],
        "decided": _rate(decided, pairs.total()),
        "accuracy": _rate(true_positive + true_negative, decided),
        "sensitivity": _rate(true_positive, true_positive + false_negative),
        "specificity": _rate(true_negative, true_negative + false_positive),
    }


def _rate(hits: int, n: int) -> dict[str, Any]:
    interval = wilson(hits, n)
    return {
        "n": n,
        "value": round(hits / n, 4) if n else None,
        "low": None if interval is None else round(interval[0], 4),
        "high": None if interval is None else round(interval[1], 4),
    }
