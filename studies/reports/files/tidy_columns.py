"""The columns of the tidy CSV, each with its meaning for the codebook."""

from __future__ import annotations

from typing import Final

from studies.analytics.scale import VALIDITY_LABELS
from studies.reports.files.view_columns import VIEW_COLUMNS

_CODES = "; ".join(f"{int(code)} {label.lower()}" for code, label in VALIDITY_LABELS.items())

GRADE_LABELS: Final = {
    0: "none",
    1: "less than 1/3",
    2: "between 1/3 and 2/3",
    3: "more than 2/3",
}
_GRADES = "; ".join(f"{code} {label}" for code, label in GRADE_LABELS.items())

COLUMNS: Final[dict[str, str]] = {
    "study": "Short name (slug) of the study.",
    "arm": (
        "Arm: unguided; guided if guides were available to the reader; guided corrected if these "
        "guides were drawn from landmarks that a person had corrected or confirmed (the arm guided "
        "of the same study then shows the network's guides); measured if the reader traced "
        "plaques, without guides; guided measured with guides."
    ),
    "period": "Period of the reader, counted from 1.",
    "reader": "Label of the reader in this study.",
    "reader_site": "Site of the reader.",
    "patient": "Pseudonym of the patient in this study; the unit of clustering.",
    "case": "Label of the image in this study.",
    "case_site": "Site at which the image was acquired.",
    "scanner": "Manufacturer and model of the scanner.",
    "replicate": "1, or 2 for a hidden repeat reading of the same case.",
    "position": (
        "Position in the reader's list, from 1 in each period. In a sequential study, the readings "
        "of a case have successive positions; the second starts with the scores of the first."
    ),
    "reading_session": (
        "Number of the reader's session, from 1, in which the reading was submitted; see the file "
        "of reading sessions. Empty if unknown."
    ),
    "position_in_session": (
        "Position of the reading in that session, from 1, in the order in which readings were "
        "first worked on. Empty if unknown."
    ),
    "level": (
        "Vertebral level of the aortic segment, L1 to L4; all in the rows with the AAC-8 scores, "
        "where the study has them."
    ),
    "wall": "Aortic wall: anterior or posterior.",
    "score": (
        f"AAC-24 grade, by the proportion of the wall's length that is calcified: {_GRADES}. The "
        "study defines the grade of exactly 1/3 or 2/3. In rows with level all, the AAC-8 score of "
        "the wall that the reader entered, by the summed length of its plaques from L1 to L4, in "
        "units of the mean "
        "boundary-to-boundary height of L1 to L4: 0 none; 1 up to 1; 2 more than 1, up to 2; 3 "
        "more than 2, up to 3; 4 more than 3. Empty if not readable."
    ),
    "validity": f"Readability of the cell: {_CODES}.",
    "reason": "Free-text reason given by the reader for a cell that was not readable.",
    "started_at": "Time at which the reading was opened, ISO 8601, UTC.",
    "submitted_at": "Time at which the reading was submitted, ISO 8601, UTC.",
    "active_ms": (
        "Active reading time in milliseconds: image in view, excluding intervals of more than "
        "60 s without input. Same value in all cells of a reading."
    ),
    "idle_ms": (
        "Idle time in milliseconds: intervals of more than 60 s without input, or image out of "
        "view. Same value in all cells of a reading."
    ),
    "wall_ms": (
        "Time from opening to submission in milliseconds, by the server's clock. Same value in all "
        "cells of a reading."
    ),
    "session_elapsed_ms": (
        "Time from the start of that session to the start of work on the reading in it, in "
        "milliseconds. Same value in all cells of a reading. Empty if unknown."
    ),
    "guides_shown": "true if the guides were displayed at any time during the reading.",
    "landmark_set": "Version of the case's landmarks that was shown.",
    "simulated": "true if the reading was simulated by computer.",
    "app_version": "Version of VerteRead that wrote the file.",
    "model_version": "Name and checksum of the network that placed the landmarks.",
    **VIEW_COLUMNS,
}

REFERENCE: Final = {
    "reference": (
        "Reference standard: grade of the cell, 0 to 3, for example of a phantom. Empty if unknown."
    )
}

MEASURED: Final = {
    "measured_score": (
        "Grade proposed from the traced lengths, 0 to 3; in rows with level all, the "
        "proposed AAC-8 score of the wall, 0 to 4. The column score has the final one. Empty in "
        "arms without measurement, and where a boundary of the level was unknown."
    ),
    "calcified_mm": (
        "Traced calcified length of the wall in the level in mm, along the line fitted to the "
        "traces of the wall; overlaps count once. In rows with level all, the sum over L1 to L4. "
        "Empty if the pixel spacing is unknown."
    ),
    "wall_length_mm": (
        "Length of the wall in the level in mm, along the same line. Empty if the pixel spacing "
        "is unknown or the wall has no trace."
    ),
    "calcified_share": "Calcified length over the length of the wall in the level, 0 to 1.",
    "measured_aac8": (
        "AAC-8 score of the wall from the traced lengths, 0 to 4, in the unit given under score. "
        "Same value in all levels. It is not entered by the reader; see score."
    ),
}

CHANGED: Final = {
    "first_score": (
        "Grade of the cell when the reading was first submitted; the column score has the final "
        "grade. Empty if not readable, and if unknown."
    ),
    "first_validity": (
        "Readability of the cell when the reading was first submitted, coded as in the column "
        "validity. Empty if unknown."
    ),
    "first_reason": "Reason for not readable when the reading was first submitted.",
    "revisions": (
        "Number of times the reader revised the submitted reading. Same value in all cells of a "
        "reading."
    ),
    "reopenings": (
        "Number of times a coordinator reopened the submitted reading. Same value in all cells of "
        "a reading."
    ),
    "revision_ms": (
        "Active time of the revisions in milliseconds, which is not part of active_ms. Same value "
        "in all cells of a reading."
    ),
}

STARTED: Final = {
    "started_from_score": (
        "Score of the cell with which the second reading of the case started: that of the first "
        "reading, which the reader could keep or change. Coded as in the column score. Empty in "
        "first readings and if not readable."
    ),
    "started_from_validity": (
        "Readability of the cell with which the second reading of the case started, coded as in "
        "the column validity. Empty in first readings."
    ),
}

OPTIONAL: Final = REFERENCE | MEASURED | CHANGED | STARTED
"""Columns of studies with a reference standard, with a measured arm, of studies in which submitted
readings may be revised or were reopened, and of sequential studies."""
