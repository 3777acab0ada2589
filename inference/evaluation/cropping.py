"""How often a crop rule is right: a cropped aorta is what the rule is to find."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from inference.crop.margin_rule import Method
from inference.evaluation.outcome import LANDMARKS_USED, METHODS, LandmarksUsed, Outcome

Z_95 = 1.959964


def judge_crop(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Accuracy, sensitivity and specificity of each rule, on the found and on the true landmarks.

    ``borderline`` and ``unknown`` verdicts decide nothing: they are counted and left out of these
    rates, and ``decided`` tells the share that is left. Rates come with Wilson's 95 % interval; one
    without cases is ``None``.
    """
    return {
        used: {method: _rates(outcomes, used, method) for method in METHODS}
        for used in LANDMARKS_USED
        if any(used in outcome.crop for outcome in outcomes)
    }


def wilson(hits: int, n: int) -> tuple[float, float] | None:
    """Wilson's 95 % interval of a proportion (Wilson 1927).

    Examples
    --------
    >>> [round(end, 3) for end in wilson(9, 10)]
    [0.596, 0.982]
    """
    if n == 0:
        return None
    share, square = hits / n, Z_95**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z_95 / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return middle - half, middle + half


def _rates(outcomes: Sequence[Outcome], used: LandmarksUsed, method: Method) -> dict[str, Any]:
    pairs = Counter(
        (outcome.crop_truth, outcome.crop[used][method])
        for outcome in outcomes
        if used in outcome.crop and outcome.crop_truth is not None
    )
    hit, missed = pairs["cropped", "cropped"], pairs["cropped", "ok"]
    false, left = pairs["ok", "cropped"], pairs["ok", "ok"]
    decided = hit + missed + false + left
    return {
        "true_positive": hit,
        "false_negative": missed,
        "false_positive": false,
        "true_negative": left,
        "borderline": pairs["cropped", "borderline"] + pairs["ok", "borderline"],
        "unknown": pairs["cropped", "unknown"] + pairs["ok", "unknown"],
        "decided": _rate(decided, pairs.total()),
        "accuracy": _rate(hit + left, decided),
        "sensitivity": _rate(hit, hit + missed),
        "specificity": _rate(left, left + false),
    }


def _rate(hits: int, n: int) -> dict[str, Any]:
    interval = wilson(hits, n)
    return {
        "n": n,
        "value": round(hits / n, 4) if n else None,
        "low": None if interval is None else round(interval[0], 4),
        "high": None if interval is None else round(interval[1], 4),
    }
