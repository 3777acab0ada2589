"""How much each cue to the levels tells: alone, and in addition to all others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from inference.decoding.level_cues import CUES
from inference.evaluation.calibration.calibration_tables import reliability_of
from inference.evaluation.calibration.fitting import fit_calibration
from inference.evaluation.calibration.judgement import judge
from inference.evaluation.calibration.observations import Observation

PRIORS: Final = frozenset({"usual count", "all labelled"})
"""Cues that say how frequent sequences are. They are always used, because no other cue tells alone
whether a column has five or six lumbar bodies."""


def measure_cues(
    fit: Sequence[Observation], test: Sequence[Observation]
) -> dict[str, dict[str, Any]]:
    """Return the figures of each cue alone, of all but this cue, and of all cues.

    The weights are fitted anew each time, so a cue alone is calibrated as well as it can be.

    Parameters
    ----------
    fit, test
        Observations for fitting and for judging.

    Returns
    -------
    dict
        By name of the cue: ``weight`` among all cues; ``alone`` and ``without``, each with the
        ``share_right`` of images in which all labels and the number of lumbar bodies are right,
        ``brier`` and ``calibration_error``. The entry ``all cues`` has these three.
    """
    weights = fit_calibration(fit, {}).weights
    evidence = [name for name in CUES if name not in PRIORS]
    cues: dict[str, dict[str, Any]] = {
        name: {
            "weight": round(weights[name], 2),
            "alone": _figures(fit, test, {name}),
            "without": _figures(fit, test, set(evidence) - {name}),
        }
        for name in evidence
    }
    return {**cues, "all cues": _figures(fit, test, evidence)}


def _figures(
    fit: Sequence[Observation], test: Sequence[Observation], cues: Collection[str]
) -> dict[str, float]:
    calibration = fit_calibration(fit, {}, cues={*cues, *PRIORS})
    reliability = reliability_of(judge(test, calibration))
    return {
        "share_right": round(reliability.share_right, 4),
        "brier": round(reliability.brier, 4),
        "calibration_error": round(reliability.calibration_error, 4),
    }


def cues_text(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the figures as a table."""
    heads = ("weight", "alone: right", "Brier", "error", "without: right", "Brier", "error")
    lines = [f"{'cue':<16}" + "".join(f"{head:>16}" for head in heads)]
    for name, cue in figures.items():
        parts = [cue["alone"], cue["without"]] if "alone" in cue else [cue]
        cells = [f"{cue['weight']:.2f}" if "weight" in cue else ""]
        for part in parts:
            cells += [
                f"{part['share_right']:.1%}",
                f"{part['brier']:.4f}",
                f"{part['calibration_error']:.3f}",
            ]
        lines.append(f"{name:<16}" + "".join(f"{cell:>16}" for cell in cells))
    return "\n".join(lines) + "\n"
