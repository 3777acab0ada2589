from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from studies.analytics.agreement import agreement
from studies.analytics.continuous import bland_altman
from studies.analytics.ratings import pair_of
from studies.analytics.table import category_labels
from studies.analytics.tidy_csv import parse_csv
from studies.reports.plots.bland_altman import bland_altman_plot
from studies.reports.plots.forest import forest_plot, outcome_rows, pair_rows
from studies.reports.plots.matrices import confusion_matrix, kappa_matrix
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
        f"{reader},{case},L{level},{wall},{case % 2 if reader == 'A' else 0}\n"
        for reader in "AB"
        for case in range(6)
        for level in (1, 2, 3, 4)
        for wall in ("anterior", "posterior")
    )
    table = parse_csv("reader,case,level,wall,score\n" + rows)
    for svg in drawings(table, agreement(table)).values():
        assert svg.startswith(b"<?xml")


@pytest.mark.parametrize("totals", [[], [3], [3, 3, 3]])
def test_bland_altman_of_hardly_anything_is_drawn(totals: list[int]) -> None:
    compared = bland_altman(np.array(totals), np.array(totals))
    assert bland_altman_plot(compared, readers=("A", "B"), arm=None).startswith(b"<?xml")
