"""The script that goes with a study's files: `reproduce.py` with the study's own settings."""

from __future__ import annotations

from pathlib import Path

from studies.reports.bootstrap_intervals import RESAMPLES
from studies.reports.document.study_summary import StudyFacts

SCRIPT = Path(__file__).with_name("reproduce.py")


def script_for(facts: StudyFacts) -> str:
    """Return the script with the study's settings, its seed and the hash of its tidy CSV."""
    text = SCRIPT.read_text(encoding="utf-8")
    for own, theirs in (
        ("GROUP_LIMITS = (2, 6)", f"GROUP_LIMITS = {facts.group_limits!r}"),
        ('DATA_HASH = ""', f'DATA_HASH = "{facts.data_hash}"'),
        ('OUTCOME, WEIGHTS = "cells", "linear"',
         f'OUTCOME, WEIGHTS = "{facts.outcome}", "{facts.weights}"'),
        ("SEED, RESAMPLES = 0, 2000", f"SEED, RESAMPLES = {facts.seed}, {RESAMPLES}"),
    ):  # fmt: skip
        text = text.replace(own, theirs, 1)
    return text
