from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from studies.analytics.coefficients.bland_altman import bland_altman
from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.ratings import pair_of
from studies.analytics.study.agreement import agreement
from studies.analytics.table import category_labels
from studies.reports.document.plots.bland_altman import bland_altman_plot
from studies.reports.document.plots.forest import (
    MOST_PAIRS,
    forest_plot,
    outcome_rows,
    pair_rows,
    pairs_by_kappa,
)
from studies.reports.document.plots.matrices import confusion_matrix, kappa_matrix
from studies.reports.document.plots.reading_time import time_plot, time_rows
from studies.reports.document.plots.spine import spine_panels, spine_plot
from tests.reports.study import study


def drawings(table, found) -> dict[str, bytes]:
    arms = found.arms
    pair = found.pairs[arms[0]][0]
    confused = pair_of(table, "aac_group", arms[0], pair)
    totals = pair_of(table, "aac24", arms[0], pair)
    return {
        "pairs": forest_plot(
            pair_rows(found, outcome="cells", weights="linear"), arms=arms, weights="linear"
        ),
        "outcomes": forest_plot(
            outcome_rows(found, weights="none", primary="aac24"), arms=arms, weights="none"
        ),
        "matrix": kappa_matrix(
            found, outcome="aac24", weights="quadratic", below=arms[0], above=arms[-1]
        ),
        "confusion": confusion_matrix(
            confused, readers=pair, labels=category_labels("aac_group"), arm=arms[0]
        ),
        "totals": bland_altman_plot(
            bland_altman(totals.first, totals.second), readers=pair, arm=arms[0]
        ),
        "spine": spine_plot(spine_panels(found, weights="linear")),
        "time": time_plot(time_rows(table, found.compared), arms=arms, compared=found.compared),
    }


def test_every_figure_is_svg_and_the_same_each_time() -> None:
    _, _, table, found = study(readers=4, cases=24)
    first, second = drawings(table, found), drawings(table, found)
    assert first == second
    for name, svg in first.items():
        root = ElementTree.fromstring(svg)
        assert root.tag.endswith("svg"), name
        assert b"<dc:date>" not in svg
        assert b'style="fill: #0072b2' in svg.lower() or name in ("confusion", "totals")


def test_one_arm_and_undefined_kappas_are_drawn() -> None:
    rows = "".join(
        f"{reader},{case},L{level},{wall},{case % 2 if reader == 'A' else 0},60000\n"
        for reader in "AB"
        for case in range(6)
        for level in (1, 2, 3, 4)
        for wall in ("anterior", "posterior")
    )
    table = parse_csv("reader,case,level,wall,score,active_ms\n" + rows)
    for svg in drawings(table, agreement(table)).values():
        assert svg.startswith(b"<?xml")


@pytest.mark.parametrize("totals", [[], [3], [3, 3, 3]])
def test_bland_altman_of_hardly_anything_is_drawn(totals: list[int]) -> None:
    compared = bland_altman(np.array(totals), np.array(totals))
    assert bland_altman_plot(compared, readers=("A", "B"), arm=None).startswith(b"<?xml")


def test_spine_has_a_panel_an_arm_and_one_of_the_differences() -> None:
    _, _, _, found = study(cases=24)
    panels = spine_panels(found, weights="linear")
    assert [panel.title for panel in panels] == ["unguided", "guided", "guided − unguided"]
    own = next(found.find("light_kappa", weights="linear", arm="guided", outcome="L2_anterior"))
    assert panels[1].places["L2_anterior"] == own.estimate


def test_times_are_those_of_the_readings_and_none_without_times() -> None:
    _, _, table, found = study(readers=2, cases=9)
    rows = time_rows(table, found.compared)
    assert [row.label for row in rows] == ["All readers", "R1", "R2"]
    mine = (table.reader == 0) & (table.arm == 1)
    median = np.median(table.active_ms[mine]) / 60_000
    assert rows[1].minutes[1][2] == pytest.approx(median)
    timeless = replace(table, active_ms=np.full(len(table), np.nan), _first={})
    assert time_rows(timeless, found.compared) == []


def test_more_pairs_than_fit_are_the_lowest() -> None:
    _, _, _, found = study(readers=9, cases=12)
    rows = pair_rows(found, outcome="cells", weights="linear")
    assert len(rows) == 1 + MOST_PAIRS
    drawn = {row.label for row in rows}
    left_out = [pair for pair in found.pairs["guided"] if " – ".join(pair) not in drawn]
    assert set(left_out) == set(
        pairs_by_kappa(found, outcome="cells", weights="linear")[MOST_PAIRS:]
    )
