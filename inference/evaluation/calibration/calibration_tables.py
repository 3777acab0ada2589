"""Results of a calibration as text, CSV and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from inference.evaluation.calibration.judgement import Judgement
from inference.evaluation.calibration.reliability import Reliability, measure_reliability

Part = tuple[str, list[Judgement]]
HEADS: Final = (
    "images",
    "labels correct",
    "correct but flagged",
    "other flagged",
    "end missing, correct",
    "of these flagged",
    "Brier",
    "calibration error",
)


def summarize_judgements(judgements: Sequence[Judgement]) -> dict[str, Any]:
    """Return counts and reliability of all images, of each condition and of each family."""
    return {name: count_judgements(members) for name, members in parts_of(judgements)}


def parts_of(judgements: Sequence[Judgement]) -> list[Part]:
    """Return all judgements and those of each condition and family, by name."""
    keys: tuple[Callable[[Judgement], str], ...] = (
        lambda judgement: judgement.observation.condition,
        lambda judgement: judgement.observation.family,
    )
    parts: list[Part] = [("all", list(judgements))]
    for key in keys:
        for name in sorted({key(judgement) for judgement in judgements}):
            parts.append((name, [one for one in judgements if key(one) == name]))
    return parts


def reliability_of(judgements: Sequence[Judgement]) -> Reliability:
    """Return the reliability of the probabilities of the labels."""
    return measure_reliability(
        [judgement.probability for judgement in judgements],
        [judgement.certain for judgement in judgements],
    )


def summary_text(summary: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the figures as a table."""
    lines = [f"{'':<18}" + "".join(f"{head:>20}" for head in HEADS)]
    for name, part in summary.items():
        cells = (
            str(part["images"]),
            _share(part["right"], part["knowable"]),
            _share(part["right_but_flagged"], part["right"]),
            _share(part["other_flagged"], part["other"]),
            _share(part["end_missing_right"], part["end_missing"]),
            _share(part["end_missing_right_flagged"], part["end_missing_right"]),
            f"{part['reliability']['brier']:.4f}",
            f"{part['reliability']['calibration_error']:.4f}",
        )
        lines.append(f"{name:<18}" + "".join(f"{cell:>20}" for cell in cells))
    return "\n".join(lines) + "\n"


def limits_text(figures: Mapping[float, Mapping[str, Any]]) -> str:
    """Return how many images each limit of the probability flags, as a table."""
    lines = [f"{'limit':<8}{'right but flagged':>20}{'other flagged':>20}"]
    lines += [
        f"{limit:<8.2f}"
        f"{_share(part['right_but_flagged'], part['right']):>20}"
        f"{_share(part['other_flagged'], part['other']):>20}"
        for limit, part in figures.items()
    ]
    return "\n".join(lines) + "\n"


def reliability_csv(summary: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the bins of the reliability diagrams as CSV, one per row."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["part", "count", "mean_probability", "share_right", "low", "high"])
    for name, part in summary.items():
        for entry in part["reliability"]["bins"]:
            values = (round(value, 4) for value in list(entry.values())[1:])
            table.writerow([name, entry["count"], *values])
    return text.getvalue()


def count_judgements(judgements: Sequence[Judgement]) -> dict[str, Any]:
    """Return counts and reliability of images."""
    knowable = [one for one in judgements if one.group == "knowable"]
    right = [one for one in knowable if one.right]
    end_missing = [one for one in judgements if one.group == "end missing"]
    end_right = [one for one in end_missing if one.right]
    # Wrong labels, and labels that cannot be known, whether they happen to be right or not.
    other = [one for one in judgements if not one.right or one.group == "unknowable"]
    return {
        "images": len(judgements),
        "knowable": len(knowable),
        "right": len(right),
        "right_but_flagged": _flagged(right),
        "other": len(other),
        "other_flagged": _flagged(other),
        "end_missing": len(end_missing),
        "end_missing_right": len(end_right),
        "end_missing_right_flagged": _flagged(end_right),
        "varied": sum(one.views > 1 for one in judgements),
        "reliability": asdict(reliability_of(judgements)),
    }


def _flagged(judgements: Sequence[Judgement]) -> int:
    return sum(bool(judgement.reason) for judgement in judgements)


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} ({part / whole:.1%})" if whole else "-"
