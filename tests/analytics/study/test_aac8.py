"""AAC-8 as outcomes: its total, both walls, and the groups at the cut-off of 3."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from studies.analytics.coefficients.bland_altman import bland_altman
from studies.analytics.coefficients.intraclass import icc
from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.outcomes import AAC8_WALLS, category_labels
from studies.analytics.scale import AAC8_CUT, CELLS, WALLS
from studies.analytics.study.agreement import agreement

CASES = 40
READERS = ("A", "B")
RNG = np.random.default_rng(8)
TRUE = RNG.integers(0, 5, (CASES, 2))
WALL_SCORES = {name: np.clip(TRUE + RNG.integers(-1, 2, (CASES, 2)), 0, 4) for name in READERS}
# Reader B could not assess the anterior wall of the last case.
MISSING_CASE = CASES - 1


def text_of() -> str:
    lines = ["reader,case,arm,level,wall,score,validity"]
    for name in READERS:
        for case, scores in enumerate(WALL_SCORES[name]):
            start = f"{name},{case:02},unguided"
            lines += [f"{start},{cell.replace('_', ',')},{case % 4},0" for cell in CELLS]
            for wall, score in zip(WALLS, scores, strict=True):
                unreadable = (name, case, wall) == ("B", MISSING_CASE, "anterior")
                lines.append(f"{start},all,{wall},{',4' if unreadable else f'{score},0'}")
    return "\n".join(lines)


TABLE = parse_csv(text_of())
RESULTS = agreement(TABLE, compare=None, detail=True)


def values(outcome: str) -> np.ndarray:
    """Return the scores of both readers (cases, 2) of the cases that both scored."""
    walls = np.stack([WALL_SCORES[name] for name in READERS], axis=1)
    by_outcome = {
        **dict(zip(AAC8_WALLS, np.moveaxis(walls, 2, 0), strict=True)),
        "aac8": walls.sum(axis=2),
        "aac8_group": (walls.sum(axis=2) >= AAC8_CUT).astype(int),
    }
    return by_outcome[outcome] if outcome == AAC8_WALLS[0] else by_outcome[outcome][:-1]


@pytest.mark.parametrize(
    ("outcome", "categories"),
    [("aac8", 9), ("aac8_posterior", 5), ("aac8_anterior", 5), ("aac8_group", 2)],
)
def test_kappas_over_the_fixed_categories_equal_statsmodels(outcome: str, categories: int) -> None:
    assert len(category_labels(outcome)) == categories
    both = values(outcome)
    counts = np.zeros((categories, categories))
    np.add.at(counts, (both[:, 0], both[:, 1]), 1)
    for weights, wt in (("none", None), ("linear", "linear"), ("quadratic", "quadratic")):
        result = RESULTS.get(
            "cohen_kappa", outcome=outcome, arm="unguided", weights=weights, readers=READERS
        )
        assert result is not None
        expected = cohens_kappa(counts, wt=wt)
        assert result.estimate.n == len(both)
        assert result.estimate.value == pytest.approx(expected.kappa)
        assert result.estimate.se == pytest.approx(expected.std_kappa)


@pytest.mark.parametrize("outcome", ["aac8", *AAC8_WALLS])
def test_icc_and_limits_of_agreement_of_total_and_walls(outcome: str) -> None:
    both = values(outcome).astype(float)
    results = {
        name: RESULTS.get(name, outcome=outcome, arm="unguided", readers=READERS)
        for name in ("icc_a_1", "bland_altman_bias", "bland_altman_upper")
    }
    estimates = {name: result.estimate for name, result in results.items() if result}
    compared = bland_altman(both[:, 0], both[:, 1])
    assert estimates["icc_a_1"].value == pytest.approx(icc(both, form="A,1").value)
    assert estimates["bland_altman_bias"].value == pytest.approx((both[:, 0] - both[:, 1]).mean())
    assert estimates["bland_altman_upper"].value == pytest.approx(compared.upper.value)


def test_group_equals_the_total_at_the_cut_off() -> None:
    at_cut = next(
        result
        for result in RESULTS.find("cohen_kappa_at_cut", outcome="aac8", readers=READERS)
        if result.more["cut"] == AAC8_CUT
    )
    both = values("aac8") >= AAC8_CUT
    expected = cohen_kappa_score(both[:, 0], both[:, 1])
    group = RESULTS.get(
        "cohen_kappa", outcome="aac8_group", arm="unguided", weights="none", readers=READERS
    )
    assert group is not None
    assert group.estimate.value == pytest.approx(expected)
    assert at_cut.estimate.value == pytest.approx(expected)


def test_total_is_missing_if_a_wall_is() -> None:
    row = np.flatnonzero((TABLE.reader == 1) & (TABLE.case == MISSING_CASE))
    assert TABLE.outcome("aac8_anterior")[row] == -1
    assert TABLE.outcome("aac8")[row] == TABLE.outcome("aac8_group")[row] == -1
    assert TABLE.outcome("aac8_posterior")[row] >= 0


def test_file_with_totals_alone_has_no_outcomes_of_walls() -> None:
    rows = list(csv.DictReader(io.StringIO(text_of())))
    lines = ["reader,case,level,wall,score"]
    for row in rows:
        if row["level"] != "all":
            lines.append(
                ",".join(row[name] for name in ("reader", "case", "level", "wall", "score"))
            )
    lines += [f"{name},{case:02},all,both,{case % 9}" for name in READERS for case in range(CASES)]
    outcomes = parse_csv("\n".join(lines)).outcomes
    assert {"aac8", "aac8_group"} <= set(outcomes)
    assert not set(AAC8_WALLS) & set(outcomes)


def test_aac8_scores_follow_the_rows_that_are_selected() -> None:
    part = TABLE.where(TABLE.reader == 1).without_unused_names()
    assert part.outcome("aac8_posterior").tolist() == WALL_SCORES["B"][:, 0].tolist()


def test_aac8_with_a_reason_is_not_readable_whatever_its_score() -> None:
    lines = text_of().splitlines()
    lines[-1] = lines[-1].rsplit(",", 2)[0] + ",3,4"
    table = parse_csv("\n".join(lines))
    assert table.outcome("aac8_anterior")[-1] == -1
    assert any("both a score and a reason" in warning for warning in table.warnings)
