"""The script that goes with a study's files: `reproduce.py` with the study's own settings."""

from __future__ import annotations

from pathlib import Path

from studies.reports.facts import StudyFacts

SCRIPT = Path(__file__).with_name("reproduce.py")


def script_for(facts: StudyFacts) -> str:
    """Return the script with the study's group limits and the hash of its tidy CSV."""
    text = SCRIPT.read_text(encoding="utf-8")
    text = text.replace("GROUP_LIMITS = (2, 6)", f"GROUP_LIMITS = {facts.group_limits!r}", 1)
    return text.replace('DATA_HASH = ""', f'DATA_HASH = "{facts.data_hash}"', 1)
