"""Columns of the workbook's sheets with their meanings, and column widths."""

from __future__ import annotations

from typing import Final

from studies.analytics.scale import AAC8_GROUPS, CELLS, LEVELS, WALLS
from studies.reports.files.sessions import SESSION_COLUMNS
from studies.reports.files.tidy_columns import COLUMNS
from studies.reports.files.view_columns import VIEW_COLUMNS

DURATION_UNIT: Final = " (min:s)"
"""Suffix of the names of columns with durations: fractions of a day, shown as min:s."""
DURATION_NOTE: Final = "A duration in days, shown as min:s; multiply it by 1440 for minutes."

SESSION_DURATIONS: Final = {
    name: name.removesuffix("_ms") + DURATION_UNIT for name in ("length_ms", "active_ms", "idle_ms")
}
"""Columns of sessions in milliseconds, with the names of the columns on the sheet."""
READING_DURATIONS: Final = {
    name: name.removesuffix("_ms") + DURATION_UNIT
    for name in ("active_ms", "idle_ms", "wall_ms", "session_elapsed_ms")
}
"""The same for the columns of readings."""

READING_COLUMNS: Final[dict[str, str]] = {
    **{
        name: COLUMNS[name]
        for name in (
            "reader", "reader_site", "arm", "period", "replicate", "position",
            "reading_session", "position_in_session", "case", "patient", "case_site",
            "scanner",
        )
    },
    **{
        cell: f"AAC-24 grade 0 to 3 of the {cell.split('_')[1]} wall at {cell.split('_')[0]}. "
        "Empty if not readable."
        for cell in CELLS
    },
    "not_readable": "Cells that were not readable, with reasons.",
    "comment": "Reader's comment on the case.",
    "revisions": (
        "Number of times the reader revised the submitted reading. Empty in studies without "
        "revision."
    ),
    "reopenings": "Number of times a coordinator reopened the submitted reading.",
    "first_values": (
        "Cells whose value was changed after the first submission, each with its first value. "
        "The columns of the cells have the final values."
    ),
    "first_aac24": "AAC-24 total at the first submission. Empty if a cell is missing or unknown.",
    **{
        level: f"Sum of both walls at {level}, 0 to 6. Empty if a cell is missing."
        for level in LEVELS
    },
    **{
        wall: f"Sum of the {wall} wall, L1 to L4, 0 to 12. Empty if a cell is missing."
        for wall in WALLS
    },
    "aac24": "AAC-24 total: sum of the eight cells, 0 to 24. Empty if a cell is missing.",
    "aac_group": "low, moderate or high (limits: sheet Study). Empty if the total is missing.",
    "started_at": "Time at which the reading was opened, UTC.",
    "submitted_at": "Time at which the reading was submitted, UTC.",
    "active (min:s)": (
        "Active reading time: image in view, excluding intervals of more than 60 s without input. "
        f"{DURATION_NOTE}"
    ),
    "idle (min:s)": (
        "Idle time: intervals of more than 60 s without input, or image out of view. "
        f"{DURATION_NOTE}"
    ),
    "wall (min:s)": (
        f"Time from opening to submission, by the server's clock. {DURATION_NOTE}"
    ),
    "session_elapsed (min:s)": (
        "Time from the start of the reading session to the start of work on the reading in it. "
        f"Empty if unknown. {DURATION_NOTE}"
    ),
    **{
        name: COLUMNS[name]
        for name in ("guides_shown", "landmark_set", "simulated", "app_version", "model_version")
    },
    **VIEW_COLUMNS,
}  # fmt: skip

AAC8_COLUMNS: Final[dict[str, str]] = {
    **{
        f"aac8_{wall}": f"AAC-8 score of the {wall} wall, 0 to 4, as entered by the reader. Empty "
        "if not readable."
        for wall in WALLS
    },
    "aac8": "AAC-8 total: sum of both walls, 0 to 8. Empty if a wall is missing.",
    "aac8_group": f"AAC-8 group: {' or '.join(AAC8_GROUPS)}. Empty if the total is missing.",
}
"""Columns of studies that score AAC-8."""

MEASURED_COLUMNS: Final[dict[str, str]] = {
    **{
        f"measured_{cell}": f"Grade proposed from the traces for {cell.replace('_', ' ')}, 0 to 3. "
        "Empty in arms without measurement."
        for cell in CELLS
    },
    "overridden": "Number of cells whose final grade differs from the measured one.",
    "calcified_mm": (
        "Traced calcified length of both walls from L1 to L4 in mm. Empty if a length or the pixel "
        "spacing is unknown."
    ),
    **{
        f"measured_aac8_{wall}": f"AAC-8 score of the {wall} wall from the traces, 0 to 4."
        for wall in WALLS
    },
}
"""Columns of studies with a measured arm."""

SESSION_SHEET_COLUMNS: Final[dict[str, str]] = {
    SESSION_DURATIONS.get(name, name): (
        f"{meaning.replace(', in milliseconds', '')} {DURATION_NOTE}"
        if name in SESSION_DURATIONS
        else meaning
    )
    for name, meaning in SESSION_COLUMNS.items()
}

AGREEMENT_COLUMNS: Final[dict[str, str]] = {
    "statistic": "Name of the statistic.",
    "outcome": (
        "Outcome compared: a cell, a level (L1 to L4), a wall, cells (eight cells, pooled), aac24 "
        "(total), aac_group (group), readable (readability of cells), aac8 (AAC-8 total), "
        "aac8_posterior, aac8_anterior (walls), aac8_group (AAC-8 group), measured_cells (grades "
        "measured from traces, pooled) or calcified_mm (traced length)."
    ),
    "weights": "Weights of kappa: none, linear or quadratic.",
    "arm": "Arm, such as unguided or guided; guided-unguided for guided minus unguided.",
    "readers": "Readers compared.",
    "value": "Estimate. Empty if undefined; the note gives the reason.",
    "se": "Standard error of the estimate.",
    "ci_low": "Lower limit of the 95 % confidence interval.",
    "ci_high": "Upper limit of the 95 % confidence interval.",
    "n": "Number analysed: cases, cells (pooled outcomes), or patients (means and differences).",
    "note": "Reason why an estimate is missing or not informative.",
    "method": "Method of estimation.",
}

WIDTHS: Final = {
    "last_activity_at": 17, "ended_at": 17, "browser": 16,
    "scanner": 20, "not_readable": 34, "comment": 40, "first_values": 34,
    "started_at": 17, "submitted_at": 17,
    "model_version": 30,
    "statistic": 24, "readers": 16, "note": 40, "method": 80, "landmark_set": 12, "aac_group": 11,
    "arm": 11,
}  # fmt: skip


def reading_columns(*, aac8: bool, measured: bool) -> dict[str, str]:
    """Return the columns of the sheet of readings with their meanings."""
    return READING_COLUMNS | (AAC8_COLUMNS if aac8 else {}) | (MEASURED_COLUMNS if measured else {})
