"""The figures of the agreement page: each by name, drawn from a cut and a choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.core.cache import cache

from studies.analytics.continuous import bland_altman
from studies.analytics.ratings import pair_of
from studies.analytics.table import category_labels
from studies.errors import NotFound
from studies.reports.choices import Choice
from studies.reports.cut import Cut
from studies.reports.plots.bland_altman import BLAND_ALTMAN_SIZE, bland_altman_plot
from studies.reports.plots.forest import forest_plot, forest_size, outcome_rows, pair_rows
from studies.reports.plots.matrices import (
    confusion_matrix,
    confusion_size,
    kappa_matrix,
    matrix_size,
)
from studies.reports.wording import arm_name, kappa_name, outcome_name

PIXELS_AN_INCH = 128
KEEP_SECONDS = 24 * 3600
WIDE_FROM = 600


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure's place on the page; the drawing is fetched by its name."""

    name: str
    caption: str
    width: int
    height: int

    @property
    def wide(self) -> bool:
        return self.width > WIDE_FROM


def figures_of(cut: Cut, choice: Choice) -> Iterator[Figure]:
    """The figures that there are for this choice, in the order of the page."""
    name, kappa = outcome_name(choice.outcome), kappa_name(choice.weights)
    rows = pair_rows(cut.found, outcome=choice.outcome, weights=choice.weights)
    yield _figure(
        "pairs",
        f"{name}: Cohen’s {kappa} of every pair of readers, 95 % confidence intervals clustered "
        "by patient.",
        forest_size(len(rows)),
    )
    rows = outcome_rows(cut.found, weights=choice.weights, primary=choice.outcome)
    yield _figure(
        "outcomes",
        f"Mean {kappa} over pairs of readers by outcome. Scales of different length are not "
        "comparable with one another; the arms of a row are.",
        forest_size(len(rows)),
    )
    if choice.pair is None:
        return
    names = {name for pairs in cut.found.pairs.values() for pair in pairs for name in pair}
    yield _figure("matrix", f"{name}: {kappa} of every two readers.", matrix_size(len(names)))
    first, second = choice.pair
    arm = arm_name(choice.arm).lower()
    items = len(pair_of(cut.table, choice.outcome, choice.arm, choice.pair))
    yield _figure(
        "confusion",
        f"{name}: scores of {first} against those of {second}, {arm}, n = {items}.",
        confusion_size(len(category_labels(choice.outcome))),
    )
    yield _figure(
        "totals",
        f"AAC-24 total of {first} and {second}, {arm}: differences against means, with bias and "
        "95 % limits of agreement and their confidence intervals.",
        BLAND_ALTMAN_SIZE,
    )


def draw(name: str, cut: Cut, choice: Choice) -> bytes:
    """The figure as SVG, drawn once for a cut and a choice; raises NotFound."""
    drawer = DRAWERS.get(name)
    if drawer is None:
        raise NotFound
    drawn: bytes = cache.get_or_set(
        f"figure:{cut.key}:{cut.facts.data_hash[:16]}:{name}:{choice.query}",
        lambda: drawer(cut, choice),
        KEEP_SECONDS,
    )
    return drawn


def _figure(name: str, caption: str, size_in: tuple[float, float]) -> Figure:
    width, height = (round(PIXELS_AN_INCH * side) for side in size_in)
    return Figure(name, caption, width, height)


def _pairs(cut: Cut, choice: Choice) -> bytes:
    rows = pair_rows(cut.found, outcome=choice.outcome, weights=choice.weights)
    return forest_plot(rows, arms=cut.found.arms, weights=choice.weights)


def _outcomes(cut: Cut, choice: Choice) -> bytes:
    rows = outcome_rows(cut.found, weights=choice.weights, primary=choice.outcome)
    return forest_plot(rows, arms=cut.found.arms, weights=choice.weights)


def _matrix(cut: Cut, choice: Choice) -> bytes:
    arms = cut.found.arms
    return kappa_matrix(
        cut.found,
        outcome=choice.outcome,
        weights=choice.weights,
        below=arms[0],
        above=arms[min(1, len(arms) - 1)],
    )


def _confusion(cut: Cut, choice: Choice) -> bytes:
    pair = _pair(choice)
    items = pair_of(cut.table, choice.outcome, choice.arm, pair)
    labels = category_labels(choice.outcome)
    return confusion_matrix(items, readers=pair, labels=labels, arm=choice.arm)


def _totals(cut: Cut, choice: Choice) -> bytes:
    pair = _pair(choice)
    items = pair_of(cut.table, "aac24", choice.arm, pair)
    compared = bland_altman(items.first, items.second)
    return bland_altman_plot(compared, readers=pair, arm=choice.arm)


def _pair(choice: Choice) -> tuple[str, str]:
    if choice.pair is None:
        raise NotFound
    return choice.pair


DRAWERS: dict[str, Callable[[Cut, Choice], bytes]] = {
    "pairs": _pairs,
    "outcomes": _outcomes,
    "matrix": _matrix,
    "confusion": _confusion,
    "totals": _totals,
}
