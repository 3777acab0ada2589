"""The columns of the workbook's sheets with their meanings, which its codebook lists."""

from __future__ import annotations

from typing import Final

from studies.analytics.scale import CELLS, LEVELS, WALLS
from studies.reports.files.tidy import COLUMNS

READING_COLUMNS: Final[dict[str, str]] = {
    **{
        name: COLUMNS[name]
        for name in (
            "reader", "reader_site", "arm", "period", "replicate", "position",
            "case", "patient", "case_site", "scanner",
        )
    },
    **{
        cell: f"AAC-24 grade 0 to 3 of the {cell.split('_')[1]} wall at {cell.split('_')[0]}. "
        "Empty if not readable."
        for cell in CELLS
    },
    "not_readable": "Cells that were not readable, with reasons.",
    "comment": "Comment of the reader on the case.",
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
    "active_min": (
        "Active reading time in minutes: image in view, intervals without input of at most 60 s."
    ),
    "idle_min": "Idle time in minutes: longer intervals, or image out of view.",
    "wall_min": "Time from opening to submission in minutes, by the server's clock.",
    **{
        name: COLUMNS[name]
        for name in ("guides_shown", "landmark_set", "simulated", "app_version", "model_version")
    },
}  # fmt: skip

AGREEMENT_COLUMNS: Final[dict[str, str]] = {
    "statistic": "Name of the statistic.",
    "outcome": (
        "Outcome compared: a cell, a level (L1 to L4), a wall, cells (eight cells, pooled), aac24 "
        "(total), aac_group (group) or readable (readability of cells)."
    ),
    "weights": "Weights of kappa: none, linear or quadratic.",
    "arm": "Arm: unguided or guided; guided-unguided for the difference between them.",
    "readers": "Readers compared.",
    "value": "Estimate. Empty if undefined; the note gives the reason.",
    "se": "Standard error of the estimate.",
    "ci_low": "Lower limit of the 95 % confidence interval.",
    "ci_high": "Upper limit of the 95 % confidence interval.",
    "n": "Number of items analysed: cases, cells (pooled outcomes), or patients (means).",
    "note": "Reason why an estimate is missing or not informative.",
    "method": "Method of estimation.",
}
