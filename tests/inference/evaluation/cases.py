"""Outcomes with known errors: the straight spine, predicted with a known offset."""

from __future__ import annotations

from inference.evaluation.outcome import Outcome
from tests.inference.spines import mapped, straight


def outcome(
    *, by=(0.0, 0.0), predicted="moved", width=256, height=512, spacing_mm=(0.5, 0.25), **more
):
    """Return the outcome of the straight spine with every corner predicted at an offset `by`."""
    if predicted == "moved":
        predicted = mapped(straight(), lambda x, y: (x + by[0], y + by[1]))
    facts = {"key": "case", "family": "made"} | more
    return Outcome(
        width=width,
        height=height,
        spacing_mm=spacing_mm,
        truth=straight(),
        predicted=predicted,
        **facts,
    )
