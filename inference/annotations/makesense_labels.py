"""What the labels of makesense points say about levels and corners, and whether it fits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from inference.annotations.marked_images import FormatError
from inference.results import CORNERS, VERTEBRAE, Vertebra

NAMES: Final = tuple((vertebra, corner) for vertebra in VERTEBRAE for corner in CORNERS)
"""The corners in the order in which 24 unnamed points stand."""
LABELS: Final = {f"{vertebra}_{corner}": (vertebra, corner) for vertebra, corner in NAMES}

_BY_TEXT: Final = {label.lower(): label for label in LABELS}
_LEVEL: Final = re.compile(r"(?:TH|[CTLS])\d{1,2}", re.IGNORECASE)
_LEVELS: Final = tuple(vertebra.value for vertebra, _ in NAMES)
_COUNTED: Final = (
    tuple(str(place // len(CORNERS) + 1) for place in range(len(NAMES))),
    tuple(str(place + 1) for place in range(len(NAMES))),
    tuple(str(place % len(CORNERS) + 1) for place in range(len(NAMES))),
)
"""Labels that count bodies, points, or the corners of each body."""
WAY_OUT: Final = (
    "Mark T12 to L5 from above and give all 24 points one label such as 1, or name each corner, "
    "such as L1_superior_anterior."
)


def corner_label(text: str) -> str | None:
    """Return the label of a corner, whatever its capitals and separators.

    Examples
    --------
    >>> corner_label("l1 Superior-Anterior"), corner_label("L1")
    ('L1_superior_anterior', None)
    """
    return _BY_TEXT.get(re.sub(r"[\s_-]+", "_", text.strip()).lower())


def check_order(file: str, labels: Sequence[str], rows: Sequence[int]) -> None:
    """Raise FormatError where labels contradict the order of the points.

    Parameters
    ----------
    labels, rows
        The label and the row of each of the 24 points.
    """
    texts = tuple(label.strip().upper() for label in labels)
    if texts == _LEVELS or texts in _COUNTED:
        return
    if any(_LEVEL.fullmatch(text) for text in texts):
        place = next(k for k, text in enumerate(texts) if text != _LEVELS[k])
        raise FormatError(
            f"{file}, row {rows[place]}: the label is {labels[place]}, but the point at this place "
            f"belongs to {_LEVELS[place]} (rows {rows[0]} to {rows[-1]} are labelled "
            f"{_range(texts)}). {WAY_OUT}"
        )
    if len(set(texts)) > 1:
        place = next(k for k, text in enumerate(texts) if text != texts[0])
        raise FormatError(
            f"{file}, row {rows[place]}: the label is {labels[place]!r}, above it is "
            f"{labels[0]!r}, and neither names a corner. {WAY_OUT}"
        )


def _range(texts: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(texts))
    return distinct[0] if len(distinct) == 1 else f"{distinct[0]} to {distinct[-1]}"


def rows_of(rows: Sequence[int]) -> str:
    """Name the rows of a body.

    Examples
    --------
    >>> rows_of([2, 3, 4, 5]), rows_of([7])
    ('rows 2 to 5', 'row 7')
    """
    return f"row {rows[0]}" if len(rows) == 1 else f"rows {min(rows)} to {max(rows)}"


def named_corners(
    file: str, labels: Sequence[str], rows: Sequence[int]
) -> list[tuple[Vertebra, str]]:
    """Return the corner that each label names; raise FormatError for others and for repetitions."""
    first: dict[str, int] = {}
    for text, row in zip(labels, rows, strict=True):
        label = corner_label(text)
        if label is None:
            raise FormatError(
                f"{file}: {text!r} names no corner (row {row}). Name it as L1_superior_anterior."
            )
        if label in first:
            raise FormatError(
                f"{file}: {label} stands twice (rows {first[label]} and {row}). Delete one of them."
            )
        first[label] = row
    return [LABELS[label] for label in first]
