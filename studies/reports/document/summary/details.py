"""What only the coordinator can state in the report of a study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class DetailsSummary:
    """The report details as plain text; "" for what was not entered."""

    authors: str = ""
    funding: str = ""
    registration: str = ""
    ethics: str = ""
    rationale: str = ""
    subject_population: str = ""
    subject_sampling: str = ""
    reader_population: str = ""
    reader_sampling: str = ""
    sample_size: str = ""


NO_DETAILS: Final = DetailsSummary()
