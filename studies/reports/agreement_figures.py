"""The figures of the agreement page: each by name, drawn from what was chosen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from studies.analytics.ratings import pair_of
from studies.analytics.table import category_labels
from studies.errors import NotFound
from studies.reports.cache.shared import read_shared, share
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
from studies.reports.filters import Chosen

PIXELS_AN_INCH = 128


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure's place on the page; the drawing is fetched by its name."""

    name: str
    caption: str
    width: int
    height: int


def figures_of(chosen: Chosen) -> Iterator[Figure]:
    """The figures of all readers together that there are for this choice."""
    found, choice = chosen.found, chosen.choice
    outcome, weights = choice.outcome, choice.weights
    rows = pair_rows(found, outcome=outcome, weights=weights)
    caption = pairs_caption(found, outcome=outcome, weights=weights)
    yield _figure("pairs", caption, forest_size(len(rows)))
    panels = spine_panels(found, weights=weights)
    yield _figure("spine", spine_caption(found, weights=weights), spine_size(len(panels)))
    rows = outcome_rows(found, weights=weights, primary=outcome)
    yield _figure("outcomes", outcomes_caption(weights), forest_size(len(rows)))
    if chosen.pairs:
        names = {name for pair in chosen.pairs for name in pair}
        caption = matrix_caption(found, outcome=outcome, weights=weights)
        yield _figure("matrix", caption, matrix_size(len(names)))
    if rows := time_rows(chosen.table, found.compared):
        yield _figure("time", time_caption(found), forest_size(len(rows)))


def pair_figures(chosen: Chosen) -> Iterator[Figure]:
    """The confusion matrix and the Bland-Altman plot of the chosen pair, an arm each."""
    pair, outcome = chosen.choice.pair, chosen.choice.outcome
    for place, arm in enumerate(chosen.found.arms):
        if pair not in chosen.found.pairs[arm] or pair is None:
            continue
        items = len(pair_of(chosen.table, outcome, arm, pair))
        caption = confusion_caption(pair, outcome=outcome, arm=arm, items=items)
        size = confusion_size(len(category_labels(outcome)))
        yield _figure(f"confusion-{place}", caption, size)
    compared = differences_of(chosen.table, chosen.found, pair) if pair else {}
    for arm, each in compared.items():
        caption = totals_caption(pair, arms=[arm], items=[len(each.means)])
        yield _figure(f"totals-{chosen.found.arms.index(arm)}", caption, BLAND_ALTMAN_SIZE)


def draw(name: str, chosen: Chosen) -> bytes:
    """The figure as SVG, drawn once for a cut and a choice; raises NotFound."""
    kind, _, place = name.partition("-")
    arms = {str(number): arm for number, arm in enumerate(chosen.found.arms)}
    if name not in DRAWERS and (kind not in ARM_DRAWERS or place not in arms):
        raise NotFound
    cut = chosen.cut

    def drawn() -> bytes:
        return ARM_DRAWERS[kind](chosen, arms[place]) if place else DRAWERS[kind](chosen)

    key = hashlib.sha256(chosen.choice.query.encode()).hexdigest()[:32]
    address = f"figure:{cut.key}:{cut.facts.data_hash[:16]}:{name}:{key}"
    svg = read_shared(address)
    if svg is None:
        svg = drawn()
        share(address, svg)
    return svg


def _figure(name: str, caption: str, size_in: tuple[float, float]) -> Figure:
    width, height = (round(PIXELS_AN_INCH * side) for side in size_in)
    return Figure(name, unbroken(caption), width, height)


def _pairs(chosen: Chosen) -> bytes:
    choice, found = chosen.choice, chosen.found
    rows = pair_rows(found, outcome=choice.outcome, weights=choice.weights)
    return forest_plot(rows, arms=found.arms, weights=choice.weights)


def _outcomes(chosen: Chosen) -> bytes:
    choice, found = chosen.choice, chosen.found
    rows = outcome_rows(found, weights=choice.weights, primary=choice.outcome)
    return forest_plot(rows, arms=found.arms, weights=choice.weights)


def _spine(chosen: Chosen) -> bytes:
    return spine_plot(spine_panels(chosen.found, weights=chosen.choice.weights))


def _time(chosen: Chosen) -> bytes:
    found = chosen.found
    rows = time_rows(chosen.table, found.compared)
    if not rows:
        raise NotFound
    return time_plot(rows, arms=found.arms, compared=found.compared)


def _matrix(chosen: Chosen) -> bytes:
    arms = chosen.found.arms
    if not chosen.pairs:
        raise NotFound
    return kappa_matrix(
        chosen.found,
        outcome=chosen.choice.outcome,
        weights=chosen.choice.weights,
        below=arms[0],
        above=arms[min(1, len(arms) - 1)],
    )


def _confusion(chosen: Chosen, arm: str | None) -> bytes:
    pair, outcome = _pair(chosen), chosen.choice.outcome
    items = pair_of(chosen.table, outcome, arm, pair)
    return confusion_matrix(items, readers=pair, labels=category_labels(outcome), arm=arm)


def _totals(chosen: Chosen, arm: str | None) -> bytes:
    pair = _pair(chosen)
    compared = differences_of(chosen.table, chosen.found, pair)
    if arm not in compared:
        raise NotFound
    reach = shared_reach(list(compared.values()))
    return bland_altman_plot(compared[arm], readers=pair, arm=arm, reach=reach)


def _pair(chosen: Chosen) -> tuple[str, str]:
    if chosen.choice.pair is None:
        raise NotFound
    return chosen.choice.pair


DRAWERS: dict[str, Callable[[Chosen], bytes]] = {
    "pairs": _pairs,
    "outcomes": _outcomes,
    "spine": _spine,
    "matrix": _matrix,
    "time": _time,
}
ARM_DRAWERS: dict[str, Callable[[Chosen, str | None], bytes]] = {
    "confusion": _confusion,
    "totals": _totals,
}
