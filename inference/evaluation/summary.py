"""Summary of an evaluation, computed from its outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from inference.evaluation.cropping import judge_crop
from inference.evaluation.errors import (
    Unit,
    corner_errors,
    mean_error_by_image,
    success_curve,
    summarize_errors,
)
from inference.evaluation.labelling import judge_levels
from inference.evaluation.outcome import Outcome
from inference.results import ModelInfo

RADII: dict[Unit, tuple[float, float]] = {"mm": (5.0, 0.25), "frame_px": (20.0, 1.0)}
"""Largest radius and step of the success curves, by unit."""
WORST = 6
"""Number of images listed as worst."""


def summarize(outcomes: Sequence[Outcome], model: ModelInfo | None) -> dict[str, Any]:
    """Summarise an evaluation as a dictionary that JSON can represent.

    Parameters
    ----------
    outcomes
        Outcomes of all images.
    model
        The network, or ``None`` if only the crop rules were evaluated.

    Returns
    -------
    dict
        Errors, success curves, level labels, anterior side, crop check and the worst images.
    """
    errors = corner_errors(outcomes)
    curves = {}
    for unit, (last, step) in RADII.items():
        radii = np.arange(0, last + step / 2, step)
        shares = success_curve(errors, unit, radii)
        if shares is not None:
            curves[unit] = {"radius": [float(radius) for radius in radii], "share": shares}
    by_image = mean_error_by_image(errors)
    # The worst images are listed so that a person can look at them.
    worst = sorted(by_image, key=lambda index: by_image[index], reverse=True)[:WORST]
    # The anterior side is not known for all images and not predicted by all networks.
    sided = [o for o in outcomes if o.anterior_truth is not None and o.anterior_found is not None]
    families = {
        name: [outcome for outcome in outcomes if outcome.family == name]
        for name in sorted({outcome.family for outcome in outcomes})
    }
    return {
        "model": None if model is None else model.to_dict(),
        "images": len(outcomes),
        "families": {name: len(part) for name, part in families.items()},
        "corners_wanted": len(errors.image),
        "corners_found": int(np.count_nonzero(~np.isnan(errors.offsets[:, 0]))),
        "errors": summarize_errors(errors),
        "success": curves,
        "levels": judge_levels(outcomes),
        "levels_by_family": {name: judge_levels(part) for name, part in families.items()},
        "side": {
            "images": len(sided),
            "right": sum(o.anterior_truth == o.anterior_found for o in sided),
        },
        "view_uncertain": sum(outcome.view_uncertain for outcome in outcomes),
        "crop": judge_crop(outcomes),
        "worst": [
            {
                "key": outcomes[index].key,
                "family": outcomes[index].family,
                "mean_frame_px": round(by_image[index], 3),
            }
            for index in worst
        ],
    }
