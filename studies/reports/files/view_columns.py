"""Columns of the tidy CSV and the workbook that describe how the image was displayed."""

from __future__ import annotations

from typing import Final

_PRESETS: Final = (
    "fit (whole image), lower_spine, actual_size (one image pixel per screen pixel) or manual "
    "(zoomed or moved by the reader)"
)

_COLUMNS: Final[dict[str, str]] = {
    "view_preset": f"View at the end of the reading: {_PRESETS}. Empty if not recorded.",
    "view_presets": "Views used during the reading, separated by spaces, in order of first use.",
    "view_zoom": (
        "Zoom at the end of the reading; 1 shows the whole image. Depends on the size of the "
        "screen: see view_scale."
    ),
    "view_zoom_min": "Smallest zoom during the reading.",
    "view_zoom_max": "Largest zoom during the reading.",
    "view_scale": "Screen pixels per column of the image at the end of the reading.",
    "window_center": "Centre of the window at the end of the reading, in stored grey values.",
    "window_center_min": "Lowest centre of the window during the reading.",
    "window_center_max": "Highest centre of the window during the reading.",
    "window_width": "Width of the window at the end of the reading, in stored grey values.",
    "window_width_min": "Smallest width of the window during the reading.",
    "window_width_max": "Largest width of the window during the reading.",
    "window_inverted": "true if the grey scale was inverted at the end of the reading.",
    "image_height_px": (
        "Height of the image area in device pixels at the end of the reading; a wide image may be "
        "smaller. Empty if not recorded."
    ),
    "image_height_min_px": (
        "Smallest height of the image area in device pixels at which the case could be scored. "
        "Scoring is not possible below the study's minimum."
    ),
}

# Times of revisions are separate, too, and not part of the reading's.
VIEW_COLUMNS: Final[dict[str, str]] = {
    name: f"{meaning} Views during revisions are not included."
    for name, meaning in _COLUMNS.items()
}
