"""Errors of corners with and without the correction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from inference.decoding.shape_correction.correction import ShapeCorrection
from inference.evaluation.corner_correction.observations import CornerObservation, Values


def judge_correction(
    observations: Sequence[CornerObservation], correction: ShapeCorrection
) -> dict[str, Any]:
    """Return the errors by family and of all images.

    Returns
    -------
    dict
        For each family and "all": the number of images with a known corner, and mean and median of
        the absolute difference per coordinate, in pixels of 512 x 1024, before and after the
        correction.
    """
    groups: dict[str, list[tuple[Values, Values]]] = {}
    for one in observations:
        if not np.isfinite(one.truth).any():
            continue
        corrected = correction.apply(one.positions, one.covariances)
        pair = (_errors(one, one.positions), _errors(one, corrected))
        for name in ("all", one.family):
            groups.setdefault(name, []).append(pair)
    return {
        name: {
            "images": len(pairs),
            "before": _summary([before for before, _ in pairs]),
            "after": _summary([after for _, after in pairs]),
        }
        for name, pairs in sorted(groups.items())
    }


def judgement_text(judgement: dict[str, Any]) -> str:
    """Return the errors as a table."""
    lines = ["family, images: mean / median before -> after, px of 512 x 1024"]
    for name, group in judgement.items():
        before, after = (
            f"{group[when]['mean']:.3f} / {group[when]['median']:.3f}"
            for when in ("before", "after")
        )
        lines.append(f"{name}, {group['images']}: {before} -> {after}")
    return "\n".join(lines) + "\n"


def _errors(one: CornerObservation, corners: Values) -> Values:
    errors = np.abs(corners - one.truth) * one.to_paper
    return errors[np.isfinite(errors)]


def _summary(errors: Sequence[Values]) -> dict[str, float]:
    pooled = np.concatenate(errors)
    return {"mean": round(float(pooled.mean()), 4), "median": round(float(np.median(pooled)), 4)}
