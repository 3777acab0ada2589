"""The script `reproduce.py` with the settings of a study, for download with its data."""

from __future__ import annotations

from pathlib import Path

from studies.reports.document.bootstrap.intervals import RESAMPLES
from studies.reports.document.summary.study import StudySummary, expected_comparison

SCRIPT = Path(__file__).with_name("reproduce.py")


def script_for(summary: StudySummary) -> str:
    """Return the script with the study's settings, its seed and the hash of its tidy CSV."""
    text = SCRIPT.read_text(encoding="utf-8")
    # The defaults of the script are replaced, so that it also runs unchanged in the repository.
    for default, setting in (
        ("GROUP_LIMITS = (2, 6)", f"GROUP_LIMITS = {summary.group_limits!r}"),
        ('DATA_HASH = ""', f'DATA_HASH = "{summary.data_hash}"'),
        (
            'COMPARE: tuple[str, str] | None = ("guided", "unguided")',
            f"COMPARE: tuple[str, str] | None = {expected_comparison(summary)!r}",
        ),
        ('OUTCOME = "cells"', f'OUTCOME = "{summary.outcome}"'),
        ('WEIGHTS: Weights = "linear"', f'WEIGHTS: Weights = "{summary.weights}"'),
        ("SEED, RESAMPLES = 0, 2000", f"SEED, RESAMPLES = {summary.seed}, {RESAMPLES}"),
    ):
        text = text.replace(default, setting, 1)
    return text
