"""Figures of the agreement page, drawn as SVG for a selection of readings and cached."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from studies.analytics.outcomes import category_labels
from studies.analytics.ratings import pair_of
from studies.errors import NotFound
from studies.reports.cache.shared import read_shared, write_shared
from studies.reports.document.captions import (
    confusion_caption,
    matrix_caption,
    outcomes_caption,
    pairs_caption,
    spine_caption,
    time_caption,
    totals_caption,
)
from studies.reports.document.formatting import unbroken
from studies.reports.document.plots.bland_altman import (
    BLAND_ALTMAN_SIZE,
    bland_altman_plot,
    differences_of,
    shared_reach,
)
from studies.reports.document.plots.forest import forest_plot, forest_size, outcome_rows, pair_rows
from studies.reports.document.plots.matrices import (
    confusion_matrix,
    confusion_size,
    kappa_matrix,
    matrix_size,
)
from studies.reports.document.plots.reading_time import time_plot, time_rows
from studies.reports.document.plots.spine import spine_panels, spine_plot, spine_size
from studies.reports.document.plots.style import plotted_arms
from studies.reports.document.tables.study_tables import repeats_excluded
from studies.reports.filters import Selection

# Figures are drawn 6.5 inches wide; 128 pixels per inch make them 832 CSS pixels wide on the page.
PIXELS_PER_INCH = 128


@dataclass(frozen=True, slots=True)
class Figure:
    """Name, caption and size in CSS pixels of a figure; the browser fetches the drawing by name."""

    name: str
    caption: str
    width: int
    height: int


def figures_of(selection: Selection) -> Iterator[Figure]:
    """Yield the figures of all readers that a selection has data for."""
    results, filters = selection.results, selection.filters
    outcome, weights = filters.outcome, filters.weights
    rows = pair_rows(results, outcome=outcome, weights=weights)
    caption = pairs_caption(results, outcome=outcome, weights=weights)
    yield _figure("pairs", caption, forest_size(len(rows)))
    panels = spine_panels(results, weights=weights)
    yield _figure("spine", spine_caption(results, weights=weights), spine_size(len(panels)))
    rows = outcome_rows(results, weights=weights, primary=outcome)
    yield _figure("outcomes", outcomes_caption(weights), forest_size(len(rows)))
    if selection.pairs:
        names = {name for pair in selection.pairs for name in pair}
        caption = matrix_caption(results, outcome=outcome, weights=weights)
        yield _figure("matrix", caption, matrix_size(len(names)))
    if times := time_rows(selection.table, results.compared):
        caption = time_caption(results) + repeats_excluded(selection.table)
        yield _figure("time", caption, forest_size(len(times)))


def pair_figures(selection: Selection) -> Iterator[Figure]:
    """Yield a confusion matrix and a Bland-Altman plot of the selected pair for each arm."""
    pair, outcome = selection.filters.pair, selection.filters.outcome
    for number, arm in enumerate(selection.results.arms):
        if pair not in selection.results.pairs[arm] or pair is None:
            continue
        items = len(pair_of(selection.table, outcome, arm, pair))
        caption = confusion_caption(pair, outcome=outcome, arm=arm, items=items)
        size = confusion_size(len(category_labels(outcome)))
        yield _figure(f"confusion-{number}", caption, size)
    if pair is None:
        return
    for arm, differences in differences_of(selection.table, selection.results, pair).items():
        caption = totals_caption(pair, arms=[arm], items=[len(differences.means)])
        yield _figure(f"totals-{selection.results.arms.index(arm)}", caption, BLAND_ALTMAN_SIZE)


def draw_figure(name: str, selection: Selection) -> bytes:
    """Return a figure as SVG, from the cache if it was drawn before; raises NotFound.

    Parameters
    ----------
    name
        A key of DRAWERS, or a key of ARM_DRAWERS with the number of the arm: "confusion-0".
    """
    kind, _, arm_number = name.partition("-")
    arms = {str(number): arm for number, arm in enumerate(selection.results.arms)}
    if name not in DRAWERS and (kind not in ARM_DRAWERS or arm_number not in arms):
        raise NotFound
    snapshot = selection.snapshot
    key = hashlib.sha256(selection.filters.query.encode()).hexdigest()[:32]
    # With the hash of the data: the key of a snapshot alone consists of counts and times.
    address = f"figure:{snapshot.key}:{snapshot.summary.data_hash[:16]}:{name}:{key}"
    svg = read_shared(address)
    if svg is None:
        if arm_number:
            svg = ARM_DRAWERS[kind](selection, arms[arm_number])
        else:
            svg = DRAWERS[kind](selection)
        write_shared(address, svg)
    return svg


def _figure(name: str, caption: str, size_in: tuple[float, float]) -> Figure:
    width, height = (round(PIXELS_PER_INCH * side) for side in size_in)
    return Figure(name, unbroken(caption), width, height)


def _pairs(selection: Selection) -> bytes:
    filters, results = selection.filters, selection.results
    rows = pair_rows(results, outcome=filters.outcome, weights=filters.weights)
    return forest_plot(
        rows, arms=plotted_arms(results.arms, results.compared), weights=filters.weights
    )


def _outcomes(selection: Selection) -> bytes:
    filters, results = selection.filters, selection.results
    rows = outcome_rows(results, weights=filters.weights, primary=filters.outcome)
    return forest_plot(
        rows, arms=plotted_arms(results.arms, results.compared), weights=filters.weights
    )


def _spine(selection: Selection) -> bytes:
    return spine_plot(spine_panels(selection.results, weights=selection.filters.weights))


def _time(selection: Selection) -> bytes:
    results = selection.results
    rows = time_rows(selection.table, results.compared)
    if not rows:
        raise NotFound
    arms = plotted_arms(results.arms, results.compared)
    return time_plot(rows, arms=arms, compared=results.compared)


def _matrix(selection: Selection) -> bytes:
    arms = plotted_arms(selection.results.arms, selection.results.compared)
    if not selection.pairs:
        raise NotFound
    return kappa_matrix(
        selection.results,
        outcome=selection.filters.outcome,
        weights=selection.filters.weights,
        below=arms[0],
        above=arms[-1],
    )


def _confusion(selection: Selection, arm: str | None) -> bytes:
    pair, outcome = _pair(selection), selection.filters.outcome
    items = pair_of(selection.table, outcome, arm, pair)
    return confusion_matrix(items, readers=pair, labels=category_labels(outcome), arm=arm)


def _totals(selection: Selection, arm: str | None) -> bytes:
    pair = _pair(selection)
    by_arm = differences_of(selection.table, selection.results, pair)
    if arm not in by_arm:
        raise NotFound
    # Both arms share their axes, so that the plots can be compared side by side.
    reach = shared_reach(list(by_arm.values()))
    return bland_altman_plot(by_arm[arm], readers=pair, arm=arm, reach=reach)


def _pair(selection: Selection) -> tuple[str, str]:
    if selection.filters.pair is None:
        raise NotFound
    return selection.filters.pair


DRAWERS: dict[str, Callable[[Selection], bytes]] = {
    "pairs": _pairs,
    "outcomes": _outcomes,
    "spine": _spine,
    "matrix": _matrix,
    "time": _time,
}
ARM_DRAWERS: dict[str, Callable[[Selection, str | None], bytes]] = {
    "confusion": _confusion,
    "totals": _totals,
}
