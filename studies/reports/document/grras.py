"""The GRRAS checklist: 15 items of a reliability study, each with where the report answers it.

Kottner et al. 2011, J Clin Epidemiol 64:96. Sections are named by the keys of the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class ChecklistItem:
    """One item: its number, part of the report, what is asked, and the sections that answer it."""

    number: int
    part: str
    asked: str
    sections: tuple[str, ...]


GRRAS: Final = (
    ChecklistItem(1, "Title", "Agreement or reliability is named as what was studied", ("first",)),
    ChecklistItem(2, "Introduction", "The instrument is named and described", ("methods",)),
    ChecklistItem(3, "", "The subjects of interest", ("first", "people")),
    ChecklistItem(4, "", "The raters of interest", ("people",)),
    ChecklistItem(5, "", "What is known, and why the study was made", ("methods",)),
    ChecklistItem(6, "Methods", "How the numbers of raters, subjects and replicates were chosen",
                  ("methods",)),
    ChecklistItem(7, "", "How subjects and raters were sampled", ("methods", "people")),
    ChecklistItem(8, "", "The process of rating: interval, information, blinding", ("methods",)),
    ChecklistItem(9, "", "Whether ratings were independent", ("methods",)),
    ChecklistItem(10, "", "The statistical analysis", ("methods",)),
    ChecklistItem(11, "Results", "Actual numbers of raters, subjects, replicates",
                  ("first", "people")),
    ChecklistItem(12, "", "Characteristics of raters and subjects", ("people",)),
    ChecklistItem(13, "", "Estimates with their uncertainty", ("first", "outcomes", "totals")),
    ChecklistItem(14, "Discussion", "What the results mean in practice", ("relevance",)),
    ChecklistItem(15, "Further material", "Detailed results", ("pairs", "missing", "provenance")),
)  # fmt: skip
