"""The columns of the tidy table as statistical packages describe variables.

Labels come from the codebook, so that both say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from studies.analytics.scale import VALIDITY_LABELS
from studies.reports.files.tidy_columns import (
    CHANGED,
    COLUMNS,
    GRADE_LABELS,
    MEASURED,
    REFERENCE,
    STARTED,
)

Kind = Literal["text", "whole", "number", "truth", "time"]

LONGEST_LABEL: Final = 80
"""Stata's limit; that of SPSS is 256."""
_TRUTH: Final = ("guides_shown", "simulated", "window_inverted")
_TIMES: Final = ("started_at", "submitted_at")
_GRADES: Final = ("score", "first_score", "started_from_score", "measured_score", "reference")
_VALIDITIES: Final = ("validity", "first_validity", "started_from_validity")
_WHOLE: Final = (
    *("period", "replicate", "position", "reading_session", "position_in_session"),
    *_GRADES,
    *_VALIDITIES,
    *("measured_aac8", "revisions", "reopenings"),
    *("image_height_px", "image_height_min_px"),
)
# Durations exceed the whole numbers of 32 bits after 24 days.
_NUMBERS: Final = (
    *("active_ms", "idle_ms", "wall_ms", "session_elapsed_ms", "revision_ms"),
    *("view_zoom", "view_zoom_min", "view_zoom_max", "view_scale"),
    *("window_center", "window_center_min", "window_center_max"),
    *("window_width", "window_width_min", "window_width_max"),
    *("calcified_mm", "wall_length_mm", "calcified_share"),
)
KINDS: Final[dict[str, Kind]] = {
    **dict.fromkeys(_TRUTH, "truth"),
    **dict.fromkeys(_TIMES, "time"),
    **dict.fromkeys(_WHOLE, "whole"),
    **dict.fromkeys(_NUMBERS, "number"),
}
VALIDITY_VALUES: Final = {int(code): label for code, label in VALIDITY_LABELS.items()}


@dataclass(frozen=True, slots=True)
class Variable:
    """A column of the tidy table.

    Parameters
    ----------
    label
        Its meaning in at most 80 characters.
    values
        The meaning of each of its codes; empty if the values are not codes.
    """

    name: str
    kind: Kind
    label: str
    values: Mapping[int, str] = field(default_factory=dict)


def variables(
    *,
    reference: bool = False,
    measured: bool = False,
    changed: bool = False,
    started: bool = False,
    aac8: bool = False,
) -> Iterator[Variable]:
    """Yield the variables of a study's tidy table in the order of its columns.

    Parameters
    ----------
    reference, measured, changed, started
        Whether the table has these optional columns.
    aac8
        Whether the table has AAC-8 scores. Their codes mean something else than the grades in the
        same column, which therefore gets no labels.
    """
    values = dict.fromkeys(("reference",) if aac8 else _GRADES, GRADE_LABELS)
    values |= dict.fromkeys(_VALIDITIES, VALIDITY_VALUES)
    columns = COLUMNS | (REFERENCE if reference else {}) | (MEASURED if measured else {})
    columns |= (CHANGED if changed else {}) | (STARTED if started else {})
    for name, meaning in columns.items():
        yield Variable(name, KINDS.get(name, "text"), short_label(meaning), values.get(name, {}))


def short_label(meaning: str) -> str:
    """Return the first clause of a meaning, in at most 80 characters.

    Examples
    --------
    >>> short_label("true if the reading was simulated by computer.")
    'Whether the reading was simulated by computer'
    >>> short_label("Aortic wall: anterior or posterior.")
    'Aortic wall'
    """
    label = re.split(r"[.:;](?: |$)", meaning, maxsplit=1)[0]
    label = re.sub(r"^true if", "Whether", label)
    if len(label) <= LONGEST_LABEL:
        return label
    clause, comma, _ = label[:LONGEST_LABEL].rpartition(", ")
    if comma:
        return clause
    return f"{label[: LONGEST_LABEL - 3].rpartition(' ')[0]}..."
