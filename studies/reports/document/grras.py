"""GRRAS checklist: 15 items of a reliability study and the report sections that address them.

Reference: Kottner J, et al. Guidelines for Reporting Reliability and Agreement Studies (GRRAS).
J Clin Epidemiol 2011;64:96-106.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class ChecklistItem:
    """One item: its number, part of the article, recommendation, and keys of report sections."""

    number: int
    part: str
    recommendation: str
    sections: tuple[str, ...]


GRRAS: Final = (
    ChecklistItem(1, "Title and abstract",
                  "Identify that interrater or intrarater agreement was investigated", ("first",)),
    ChecklistItem(2, "Introduction", "Name and describe the measurement device", ("methods",)),
    ChecklistItem(3, "", "Specify the subject population of interest", ("first", "people")),
    ChecklistItem(4, "", "Specify the rater population of interest", ("people",)),
    ChecklistItem(5, "", "Describe what is already known and give the rationale for the study",
                  ("methods",)),
    ChecklistItem(6, "Methods", "Explain how the sample size was chosen (raters, subjects, "
                  "replicate observations)", ("methods",)),
    ChecklistItem(7, "", "Describe the sampling method", ("methods", "people")),
    ChecklistItem(8, "", "Describe the rating process (time interval, clinical information, "
                  "blinding)", ("methods",)),
    ChecklistItem(9, "", "State whether ratings were conducted independently", ("methods",)),
    ChecklistItem(10, "", "Describe the statistical analysis", ("methods",)),
    ChecklistItem(11, "Results", "State the actual number of raters, subjects and replicate "
                  "observations", ("first", "people")),
    ChecklistItem(12, "", "Describe the characteristics of raters and subjects", ("people",)),
    ChecklistItem(13, "", "Report estimates of agreement with measures of statistical uncertainty",
                  ("first", "outcomes", "totals")),
    ChecklistItem(14, "Discussion", "Discuss the practical relevance of the results",
                  ("relevance",)),
    ChecklistItem(15, "Auxiliary material", "Provide detailed results if possible",
                  ("pairs", "missing", "provenance")),
)  # fmt: skip
