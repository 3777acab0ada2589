"""Outcomes made by hand: the straight spine, found somewhere else by a known way."""

from __future__ import annotations

from inference.evaluation.outcome import Outcome
from tests.inference.spines import mapped, straight


def outcome(*, by=(0.0, 0.0), found="moved", width=256, height=512, spacing_mm=(0.5, 0.25), **more):
    """The straight spine, every corner found `by` away from its truth."""
    moved = mapped(straight(), lambda x, y: (x + by[0], y + by[1])) if found == "moved" else found
    facts = {"key": "case", "family": "made"} | more
    return Outcome(
        width=width,
        height=height,
        spacing_mm=spacing_mm,
        truth=straight(),
        found=moved,
        **facts,
    )
