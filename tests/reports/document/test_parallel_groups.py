"""Studies of two groups of readers: every table, figure and text compares the groups."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studies.analytics.results import Agreement
from studies.analytics.study.agreement import agreement
from studies.analytics.table import ReadingTable
from studies.formats.numbers import decimal
from studies.reports.document import captions
from studies.reports.document.methods.paragraphs import methods
from studies.reports.document.plots.forest import outcome_rows, pair_rows
from studies.reports.document.plots.spine import spine_panels
from studies.reports.document.tables import agreement_tables, reference_tables, study_tables
from tests.reports.study import FACTS, table_of_groups

GROUPS = {"unguided": ("R1", "R2", "R3"), "guided": ("R4", "R5", "R6")}


@pytest.fixture(scope="module")
def groups() -> tuple[ReadingTable, Agreement]:
    table = table_of_groups(GROUPS, cases=40)
    return table, agreement(table)


def difference_of_means(results: Agreement, outcome: str) -> float:
    """Return guided minus unguided mean kappa, from the kappas of the pairs."""
    means = {}
    for arm in GROUPS:
        values = [
            result.estimate.value
            for result in results.find("cohen_kappa", outcome=outcome, weights="linear", arm=arm)
        ]
        means[arm] = sum(values) / len(values)
    return means["guided"] - means["unguided"]


def test_every_outcome_has_the_difference_between_the_groups(groups) -> None:
    _, results = groups
    shown = agreement_tables.outcome_table(results, weights="linear", primary="cells")
    assert shown.header[-1] == "Difference"
    by_name = {row[0]: row[-1] for row in shown.rows}
    for outcome, name in (("cells", "Eight cells, pooled (0–3)"), ("L1", "L1, both walls (0–6)")):
        assert by_name[name].startswith(decimal(difference_of_means(results, outcome)))
    assert "patients read by both groups" in shown.method
    assert "no difference because" not in shown.note
    weights = agreement_tables.weights_table(results, outcome="cells")
    assert weights.rows[1][-1] == by_name["Eight cells, pooled (0–3)"]


def test_figures_draw_the_differences_between_the_groups(groups) -> None:
    _, results = groups
    rows = outcome_rows(results, weights="linear", primary="cells")
    assert all(row.difference is not None for row in rows)
    assert rows[0].difference.value == pytest.approx(difference_of_means(results, "cells"))
    assert pair_rows(results, outcome="cells", weights="linear")[0].difference is not None
    panel = spine_panels(results, weights="linear")[-1]
    assert panel.difference
    expected = difference_of_means(results, "L2_anterior")
    assert panel.estimates["L2_anterior"].value == pytest.approx(expected)
    caption = captions.pairs_caption(results, outcome="cells", weights="linear")
    assert "the difference between the means of the groups of readers" in caption


def test_tables_of_pairs_and_readers_have_no_empty_column_of_differences(groups) -> None:
    table, results = groups
    pairs = agreement_tables.pair_table(results, outcome="cells", weights="linear")
    assert "Difference" not in pairs.header
    assert "–: not read in this arm." in pairs.note
    times = study_tables.time_table(table, results.compared)
    assert "Ratio" not in times.header and "ratio" not in times.caption
    assert "Ratio" not in captions.time_caption(results)
    graded = reference_tables.reference_table(
        replace(table, reference=table.scores[table.first_readings("unguided")[0]], _first={}),
        results,
        outcome="cells",
        weights="linear",
    )
    assert graded is not None and "Difference" not in graded.header


def test_methods_describe_the_comparison_of_groups(groups) -> None:
    table, results = groups
    texts = dict(methods(replace(FACTS, design="parallel"), table, results))
    analysis, bootstrap = texts["Statistical analysis"], texts["Bootstrap"]
    assert "dependent kappas" not in analysis
    assert "between the mean pairwise kappas of the two groups" in analysis
    assert "the same patients in both groups" in bootstrap
    assert "readers were resampled within their group" in bootstrap
    assert "within reader and case" not in texts["Reading time"]


def shared_reader() -> tuple[ReadingTable, Agreement]:
    """Return arms that have one reader, but no pair of readers, in common."""
    arms = {"unguided": ("R1", "R2", "R3"), "guided": ("R3", "R4", "R5")}
    table = table_of_groups(arms, cases=20)
    return table, agreement(table)


def test_arms_that_share_one_reader_are_not_described_as_groups() -> None:
    table, results = shared_reader()
    texts = dict(methods(FACTS, table, results))
    assert "No difference between the arms was estimated" in texts["Statistical analysis"]
    assert "own group of readers" not in texts["Statistical analysis"]
    assert "within their group" not in texts["Bootstrap"]
    # The reader in both arms has a ratio of reading times, which is explained.
    assert "Ratio" in study_tables.time_table(table, results.compared).header
    assert "within reader and case" in texts["Reading time"]
    assert "Ratio" in captions.time_caption(results)
    caption = captions.pairs_caption(results, outcome="cells", weights="linear")
    assert "difference" not in caption


def test_groups_of_two_readers_are_not_said_to_be_resampled() -> None:
    groups = {"unguided": ("R1", "R2"), "guided": ("R3", "R4")}
    table = table_of_groups(groups, cases=20)
    texts = dict(methods(replace(FACTS, design="parallel"), table, agreement(table)))
    assert "within their group" not in texts["Bootstrap"]
