"""PURE. Columns of the view states in exports, with the lookup path of each from a reading."""

from __future__ import annotations

from typing import Final

VIEW_PATHS: Final = {
    "view_preset": "view__preset",
    "view_presets": "view__presets",
    "view_zoom": "view__zoom",
    "view_zoom_min": "view__zoom_min",
    "view_zoom_max": "view__zoom_max",
    "view_scale": "view__scale",
    "window_center": "view__center",
    "window_center_min": "view__center_min",
    "window_center_max": "view__center_max",
    "window_width": "view__width",
    "window_width_min": "view__width_min",
    "window_width_max": "view__width_max",
    "window_inverted": "view__inverted",
    "image_height_px": "view__pane_height",
    "image_height_min_px": "view__pane_height_min",
}
