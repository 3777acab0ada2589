"""The view states of a reading: merge what the reading room reports into one row."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from studies.sessions.models import Reading, ViewState

DIGITS = 4
"""Decimal places of stored zooms and windows."""


class ViewReport(TypedDict):
    """The view at the time of a report, and its extremes since the last one."""

    preset: str
    presets: list[str]
    zoom: float
    zoom_min: float
    zoom_max: float
    scale: float
    center: float
    center_min: float
    center_max: float
    width: float
    width_min: float
    width_max: float
    inverted: bool
    pane_height: NotRequired[int]
    pane_height_min: NotRequired[int]


def add_view(*, reading: Reading, view: ViewReport) -> ViewState:
    """Set the final view of a locked reading and widen its extremes; return the stored row."""
    stored = ViewState.objects.filter(reading=reading).first()
    state = stored or ViewState(reading=reading)
    for name in ("zoom", "center", "width"):
        value, low, high = (
            round(view[f"{name}{end}"], DIGITS)  # type: ignore[literal-required]
            for end in ("", "_min", "_max")
        )
        # The final value counts as well: client and server may round differently.
        lows, highs = [low, value], [high, value]
        if stored is not None:
            lows.append(getattr(stored, f"{name}_min"))
            highs.append(getattr(stored, f"{name}_max"))
        setattr(state, name, value)
        setattr(state, f"{name}_min", min(lows))
        setattr(state, f"{name}_max", max(highs))
    state.preset = view["preset"]
    # Each preset once, in the order of first use.
    state.presets = " ".join(dict.fromkeys((*state.presets.split(), *view["presets"])))
    state.scale = round(view["scale"], DIGITS)
    state.inverted = view["inverted"]
    if "pane_height" in view:
        state.pane_height = view["pane_height"]
        heights = (view["pane_height"], view["pane_height_min"], state.pane_height_min)
        state.pane_height_min = min(height for height in heights if height is not None)
    state.save()
    return state
