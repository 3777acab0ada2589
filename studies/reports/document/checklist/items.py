"""GRRAS checklist: 15 items of a reliability study, and where a report addresses them.

Reference: Kottner J, et al. Guidelines for Reporting Reliability and Agreement Studies (GRRAS).
J Clin Epidemiol 2011;64:96-106.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Requirement:
    """What an item requires: its name, and the anchors of which one must be in the report."""

    name: str
    anchors: tuple[str, ...]


@dataclass(frozen=True)
class ChecklistItem:
    """One item: its number or "", part of the article, recommendation and requirements."""

    number: str
    part: str
    recommendation: str
    requirements: tuple[Requirement, ...]


def _needs(**anchors: str) -> tuple[Requirement, ...]:
    """Return requirements by name; several anchors of one are alternatives, separated by spaces."""
    return tuple(
        Requirement(name.replace("_", " "), tuple(texts.split())) for name, texts in anchors.items()
    )


GRRAS: Final = (
    ChecklistItem("1", "Title and abstract",
                  "Identify that interrater or intrarater agreement was investigated",
                  _needs(title="title")),
    ChecklistItem("2", "Introduction", "Name and describe the measurement device",
                  _needs(scoring="scoring")),
    ChecklistItem("3", "", "Specify the subject population of interest",
                  _needs(subject_population="subject-population")),
    ChecklistItem("4", "", "Specify the rater population of interest",
                  _needs(reader_population="reader-population reader-characteristics")),
    ChecklistItem("5", "", "Describe what is already known and give the rationale for the study",
                  _needs(rationale="rationale")),
    ChecklistItem("6", "Methods", "Explain how the sample size was chosen (raters, subjects, "
                  "replicate observations)", _needs(sample_size="sample-size")),
    ChecklistItem("7", "", "Describe the sampling method",
                  _needs(sampling_of_subjects="subject-sampling",
                         sampling_of_readers="reader-sampling")),
    ChecklistItem("8", "", "Describe the rating process (time interval, clinical information, "
                  "blinding)", _needs(design="design gaps", blinding="blinding")),
    ChecklistItem("9", "", "State whether ratings were conducted independently",
                  _needs(independence="blinding")),
    ChecklistItem("10", "", "Describe the statistical analysis", _needs(analysis="statistics")),
    ChecklistItem("11", "Results", "State the actual number of raters, subjects and replicate "
                  "observations", _needs(flow="flow", readers="readers",
                         replicate_observations="replicates")),
    ChecklistItem("12", "", "Describe the characteristics of raters and subjects",
                  _needs(characteristics_of_readers="reader-characteristics",
                         characteristics_of_subjects="cases")),
    ChecklistItem("13", "",
                  "Report estimates of agreement with measures of statistical uncertainty",
                  _needs(estimates="outcome-table")),
    ChecklistItem("14", "Discussion", "Discuss the practical relevance of the results",
                  _needs(relevance="relevance-list")),
    ChecklistItem("15", "Auxiliary material", "Provide detailed results if possible",
                  _needs(pairs_of_readers="pair-table", missing_data="missing-table")),
    ChecklistItem("", "Declarations", "Authors", _needs(authors="authors")),
    ChecklistItem("", "", "Registration and protocol", _needs(registration="registration")),
    ChecklistItem("", "", "Ethics approval", _needs(ethics_approval="ethics")),
    ChecklistItem("", "", "Funding and competing interests", _needs(funding="funding")),
)  # fmt: skip
