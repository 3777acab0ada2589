"""Interpret the labels of makesense points and compare them with the order of the points."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from inference.annotations.marked_images import FormatError, is_level_name
from inference.results import CORNERS, VERTEBRAE, Vertebra

NAMES: Final = tuple((vertebra, corner) for vertebra in VERTEBRAE for corner in CORNERS)
"""The corners in the order of 24 unnamed points."""
LABELS: Final = {f"{vertebra}_{corner}": (vertebra, corner) for vertebra, corner in NAMES}

_BY_TEXT: Final = {label.lower(): label for label in LABELS}
_LEVELS: Final = tuple(vertebra.value for vertebra, _ in NAMES)
_COUNTED: Final = (
    tuple(str(index // len(CORNERS) + 1) for index in range(len(NAMES))),
    tuple(str(index + 1) for index in range(len(NAMES))),
    tuple(str(index % len(CORNERS) + 1) for index in range(len(NAMES))),
)
"""Labels that number the bodies, the points, or the corners of each body."""
REMEDY: Final = (
    "Mark T12 to L5 from top to bottom and give all 24 points one label such as 1, or name each "
    "corner, such as L1_superior_anterior."
)


def corner_label(text: str) -> str | None:
    """Return the label of a corner, ignoring case and separators; ``None`` for other texts.

    Examples
    --------
    >>> corner_label("l1 Superior-Anterior"), corner_label("L1")
    ('L1_superior_anterior', None)
    """
    return _BY_TEXT.get(re.sub(r"[\s_-]+", "_", text.strip()).lower())


def check_order(file: str, labels: Sequence[str], rows: Sequence[int]) -> None:
    """Raise FormatError if labels contradict the order of the points.

    Parameters
    ----------
    labels, rows
        Label and row number of each of the 24 points.
    """
    texts = tuple(label.strip().upper() for label in labels)
    # Labels that number the points in order do not contradict it.
    if texts == _LEVELS or texts in _COUNTED:
        return
    # A single level name shows that the labels are meant as levels.
    if any(is_level_name(text) for text in texts):
        index = next(k for k, text in enumerate(texts) if text != _LEVELS[k])
        raise FormatError(
            f"{file}, row {rows[index]}: the label is {labels[index]}, but the point in this "
            f"position belongs to {_LEVELS[index]} (rows {rows[0]} to {rows[-1]} are labelled "
            f"{_range(texts)}). {REMEDY}"
        )
    if len(set(texts)) > 1:
        index = next(k for k, text in enumerate(texts) if text != texts[0])
        raise FormatError(
            f"{file}, row {rows[index]}: the label is {labels[index]!r}, the first one is "
            f"{labels[0]!r}, and neither names a corner. {REMEDY}"
        )


def _range(texts: Sequence[str]) -> str:
    """Return the first and last of the distinct labels, for a message."""
    distinct = list(dict.fromkeys(texts))
    return distinct[0] if len(distinct) == 1 else f"{distinct[0]} to {distinct[-1]}"


def row_range(rows: Sequence[int]) -> str:
    """Return a phrase for the rows of a body.

    Examples
    --------
    >>> row_range([2, 3, 4, 5]), row_range([7])
    ('rows 2 to 5', 'row 7')
    """
    return f"row {rows[0]}" if len(rows) == 1 else f"rows {min(rows)} to {max(rows)}"


def named_corners(
    file: str, labels: Sequence[str], rows: Sequence[int]
) -> list[tuple[Vertebra, str]]:
    """Return the corner that each label names.

    Raises
    ------
    FormatError
        For other labels and for repeated ones.
    """
    first: dict[str, int] = {}
    for text, row in zip(labels, rows, strict=True):
        label = corner_label(text)
        if label is None:
            raise FormatError(
                f"{file}: the label {text!r} names no corner (row {row}). Use labels such as "
                "L1_superior_anterior."
            )
        if label in first:
            raise FormatError(
                f"{file}: {label} is used twice (rows {first[label]} and {row}). Delete one "
                "of them."
            )
        first[label] = row
    return [LABELS[label] for label in first]
