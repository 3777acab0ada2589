from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from studies.analytics.coefficients.bland_altman import bland_altman
from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.outcomes import category_labels
from studies.analytics.ratings import pair_of
from studies.analytics.study.agreement import agreement
from studies.reports.document.captions import matrix_caption, pairs_caption
from studies.reports.document.document import make_document
from studies.reports.document.plots.bland_altman import (
    LARGEST_DISC_PT2,
    bland_altman_plot,
    label_positions,
)
from studies.reports.document.plots.forest import (
    MAX_PAIRS,
    forest_plot,
    mean_row,
    outcome_rows,
    pair_rows,
    pairs_by_kappa,
)
from studies.reports.document.plots.matrices import MAX_NUMBERED, confusion_matrix, kappa_matrix
from studies.reports.document.plots.reading_time import (
    MAX_READERS,
    TimeRow,
    longest_rows,
    time_plot,
    time_rows,
)
from studies.reports.document.plots.spine import spine_panels, spine_plot
from studies.reports.document.plots.style import plotted_arms
from tests.analytics.rows import crossover
from tests.reports.study import study


def drawings(table, results) -> dict[str, bytes]:
    arms = results.arms
    pair = results.pairs[arms[0]][0]
    confused = pair_of(table, "aac_group", arms[0], pair)
    totals = pair_of(table, "aac24", arms[0], pair)
    return {
        "pairs": forest_plot(
            pair_rows(results, outcome="cells", weights="linear"), arms=arms, weights="linear"
        ),
        "outcomes": forest_plot(
            outcome_rows(results, weights="none", primary="aac24"), arms=arms, weights="none"
        ),
        "matrix": kappa_matrix(
            results, outcome="aac24", weights="quadratic", below=arms[0], above=arms[-1]
        ),
        "confusion": confusion_matrix(
            confused, readers=pair, labels=category_labels("aac_group"), arm=arms[0]
        ),
        "totals": bland_altman_plot(
            bland_altman(totals.first, totals.second), readers=pair, arm=arms[0]
        ),
        "spine": spine_plot(spine_panels(results, weights="linear")),
        "time": time_plot(time_rows(table, results.compared), arms=arms, compared=results.compared),
    }


def test_every_figure_is_svg_and_the_same_each_time() -> None:
    _, _, table, results = study(readers=4, cases=24)
    first, second = drawings(table, results), drawings(table, results)
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
def test_bland_altman_plot_of_very_few_cases_is_drawn(totals: list[int]) -> None:
    compared = bland_altman(np.array(totals), np.array(totals))
    assert bland_altman_plot(compared, readers=("A", "B"), arm=None).startswith(b"<?xml")


@pytest.mark.parametrize(
    ("values", "expected"),
    [([-9.0, 0.5, 8.0], [-9.0, 0.5, 8.0]), ([-1.0, 0.5, 2.0], [-2.5, 0.5, 3.5])],
)
def test_labels_of_limits_close_to_the_bias_move_apart(
    values: list[float], expected: list[float]
) -> None:
    assert label_positions(values, distance=3.0) == expected


def test_spine_figure_has_one_panel_per_arm_and_one_for_the_differences() -> None:
    _, _, _, results = study(cases=24)
    panels = spine_panels(results, weights="linear")
    assert [panel.title for panel in panels] == ["unguided", "guided", "guided − unguided"]
    expected = next(
        results.find("light_kappa", weights="linear", arm="guided", outcome="L2_anterior")
    )
    assert panels[1].estimates["L2_anterior"] == expected.estimate


def test_times_are_those_of_the_readings_and_none_without_times() -> None:
    _, _, table, results = study(readers=2, cases=9)
    rows = time_rows(table, results.compared)
    assert [row.label for row in rows] == ["All readers", "R1", "R2"]
    mine = (table.reader == 0) & (table.arm == 1)
    median = np.median(table.active_ms[mine]) / 60_000
    assert rows[1].minutes[1][2] == pytest.approx(median)
    timeless = replace(table, active_ms=np.full(len(table), np.nan), _first={})
    assert time_rows(timeless, results.compared) == []


def test_pairs_with_the_lowest_kappa_are_drawn_if_there_are_many() -> None:
    _, _, _, results = study(readers=9, cases=12)
    rows = pair_rows(results, outcome="cells", weights="linear")
    assert len(rows) == 1 + MAX_PAIRS
    drawn = {row.label for row in rows}
    left_out = [pair for pair in results.pairs["guided"] if " – ".join(pair) not in drawn]
    assert set(left_out) == set(
        pairs_by_kappa(results, outcome="cells", weights="linear")[MAX_PAIRS:]
    )


def test_readers_with_the_longest_times_are_drawn_if_there_are_many() -> None:
    tails = np.array([0.5, 0.8, 1.0, 1.2, 2.0])
    rows = [TimeRow("All readers", (tails, tails), None, strong=True)]
    rows += [TimeRow(f"R{n:02d}", (tails * n, None), None) for n in range(1, 41)]
    shown = longest_rows(rows)
    assert shown == [rows[0], *rows[-MAX_READERS:]]
    assert longest_rows(rows[:5]) == rows[:5]


def test_matrix_has_numbers_for_few_readers_and_a_colour_scale_for_many() -> None:
    texts = {}
    for readers in (MAX_NUMBERED, MAX_NUMBERED + 1):
        options = {"outcome": "aac_group", "weights": "linear"}
        table = parse_csv(crossover(readers=readers, cases=3))
        results = agreement(table, outcomes=["aac_group"], weights=["linear"])
        svg = kappa_matrix(results, **options, below="unguided", above="guided")
        texts[readers] = svg.count(b'id="text_')
        white = "White: kappa of 0 or less" in matrix_caption(results, **options)
        assert white == (readers > MAX_NUMBERED)
    few, many = texts.values()
    assert few > MAX_NUMBERED**2
    assert many < 60


def test_markers_of_many_cases_stay_within_the_plot() -> None:
    """With 10,000 cases, thousands may coincide in one point."""
    first = np.repeat([0, 6, 12], [8000, 1990, 10])
    svg = bland_altman_plot(bland_altman(first, first), readers=("A", "B"), arm=None)
    widths = [float(width) for width in re.findall(rb"C ([\d.]+) ", svg)]
    assert widths
    assert max(widths) < LARGEST_DISC_PT2


def test_report_of_many_readers_shows_the_lowest_pairs_and_its_csv_has_every_pair() -> None:
    _, summary, table, results = study(readers=9, cases=12)
    document = make_document(summary, table, results)
    blocks = [block for part in document.content["sections"] for block in part["blocks"]]
    tables = {block["title"]: block for block in blocks if block["kind"] == "table"}
    low = tables["Pairs with lowest kappa: Eight cells, pooled (0–3)"]
    lowest = {" – ".join(pair) for pair in pairs_by_kappa(results, outcome="cells",
              weights="linear")[:MAX_PAIRS]}  # fmt: skip
    assert {row[0] for row in low["rows"]} == lowest
    assert "the 30 of 36 pairs of readers with the lowest kappa" in low["caption"].replace(
        "\u00a0", " "
    )
    assert "The CSV file of this report lists every pair." in low["note"]
    drawn = {row[0] for row in tables["Bootstrap confidence intervals"]["rows"]} - {"Mean of pairs"}
    assert drawn == lowest
    rows = list(csv.DictReader(io.StringIO(document.pairs.decode())))
    kappas = [row for row in rows if (row["statistic"], row["outcome"]) == ("cohen_kappa", "cells")]
    assert len(kappas) == 2 * 36
    for row in kappas:
        readers = (row["reader_1"], row["reader_2"])
        result = results.get(
            "cohen_kappa", outcome="cells", arm=row["arm"], weights="linear", readers=readers
        )
        assert float(row["value"]) == result.estimate.value
        assert float(row["percentile_low"]) < float(row["percentile_high"])
    assert {row["outcome"] for row in rows} == {"cells", "readable", "aac24"}


def test_figures_of_three_arms_show_the_two_that_are_compared() -> None:
    errors = {"unguided": 0.5, "guided": 0.2, "guided measured": 0.1}
    table = parse_csv(crossover(cases=12, errors=errors))
    compared = ("guided measured", "unguided")
    results = agreement(table, compare=compared)
    arms = plotted_arms(results.arms, results.compared)
    assert arms == ("unguided", "guided measured")
    for row in (
        pair_rows(results, outcome="cells", weights="linear")[0],
        mean_row(results, outcome="cells", weights="linear", label=""),
    ):
        expected = [
            next(results.find("light_kappa", weights="linear", arm=arm, outcome="cells")).estimate
            for arm in arms
        ]
        assert list(row.arms) == expected
    panels = spine_panels(results, weights="linear")
    assert [panel.title for panel in panels] == [*arms, "guided measured − unguided"]
    caption = pairs_caption(results, outcome="cells", weights="linear")
    assert "in the arms unguided and guided measured, and the difference" in caption
    below_and_above = matrix_caption(results, outcome="cells", weights="linear")
    assert "unguided below and guided measured above the diagonal" in below_and_above
    (everyone, *_) = time_rows(table, compared)
    mine = table.arm == table.arms.index("guided measured")
    assert everyone.minutes[1][2] == pytest.approx(np.median(table.active_ms[mine]) / 60_000)


def test_difference_is_named_after_the_arms_compared() -> None:
    errors = {"unguided": 0.5, "guided": 0.2, "guided measured": 0.1}
    results = agreement(
        parse_csv(crossover(cases=12, errors=errors)), compare=("guided measured", "unguided")
    )
    arms = plotted_arms(results.arms, results.compared)
    rows = pair_rows(results, outcome="cells", weights="linear")
    drawing = forest_plot(rows, arms=arms, weights="linear").decode()
    # Text is drawn as paths; comments beside them have its words.
    assert "<!-- guided measured − unguided, 95 % CI -->" in drawing
