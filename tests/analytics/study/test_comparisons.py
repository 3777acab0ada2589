"""Warnings about expected differences that cannot be computed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from studies.analytics.cli.main import main
from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.study.agreement import agreement
from tests.analytics.rows import crossover
from tests.analytics.test_degenerate import small_study

HEADER = "reader,case,arm,period,replicate,level,wall,score,active_ms,case_site"


def rows(*readings: str, scores: str = "0123") -> str:
    """Return one scored cell for each "reader case arm [period [replicate [active_ms [site]]]]"."""
    lines = []
    for number, reading in enumerate(readings):
        given = reading.split()
        defaults = ("1", "1", "", "")
        reader, case, arm, *rest = (*given, *defaults[len(given) - 3 :])
        score = scores[(int(case) + number // 7) % len(scores)]
        period, replicate, time, site = rest
        arm = arm.replace("-", "")
        lines.append(
            f"{reader},{case},{arm},{period},{replicate},L1,anterior,{score},{time},{site}"
        )
    return "\n".join([HEADER, *lines])


def crossed(arms: str = "unguided guided", readers: str = "A B", cases: str = "1 2 3") -> list[str]:
    return [
        f"{reader} {case} {arm}"
        for arm in arms.split()
        for reader in readers.split()
        for case in cases.split()
    ]


def warnings_of(text: str, **options) -> str:
    return "\n".join(agreement(parse_csv(text), **options).warnings)


@pytest.mark.parametrize(
    ("readings", "sentence"),
    [
        (crossed("guided"), "there are no readings in the unguided arm (arms in the data: guided)"),
        (
            crossed("aided unaided"),
            "there are no readings in the guided and unguided arms (arms in the data: aided, un",
        ),
        (crossed("-"), "the readings name no arm (the column arm is missing or empty)"),
        (crossed(readers="A"), "no two readers read in both arms (guided: A; unguided: A)"),
        (
            [*crossed("guided", "A B"), *crossed("unguided", "C D")],
            "no two readers read in both arms (guided: A, B; unguided: C, D)",
        ),
        (
            [*crossed(), *crossed("guided", "C")],
            "for pairs with C, who read in the guided arm only",
        ),
        (
            [*crossed("guided"), *crossed("unguided", cases="4 5 6")],
            "compares different cases: no case was read in both arms",
        ),
        (
            [*crossed("guided"), *crossed("unguided", "A", "1 2"), *crossed("unguided", "B", "3")],
            "for L1 anterior, the eight cells pooled (A and B). Reason: in unguided, no case was",
        ),
        ([*crossed(cases="1")], "Reason: in guided and unguided, fewer than two cases were rated"),
    ],
)
def test_missing_difference_is_explained(readings: list[str], sentence: str) -> None:
    text = warnings_of(rows(*readings), outcomes=["L1_anterior", "cells"])
    assert sentence in text
    assert "ifference" in text


def test_constant_scores_are_named() -> None:
    warnings = warnings_of(rows(*crossed(), scores="1"), outcomes=["L1_anterior"])
    assert "Reason: in guided and unguided, both readers used the same single score" in warnings


def test_reader_with_one_score_only_is_named() -> None:
    text = crossover(readers=2, cases=8)
    header, *lines = text.splitlines()
    flat = []
    for line in lines:
        fields = line.split(",")
        if (fields[0], fields[3]) == ("R1", "guided"):
            fields[8:10] = ["1", "0"]
        flat.append(",".join(fields))
    warnings = warnings_of("\n".join([header, *flat]), outcomes=["cells"])
    assert (
        "not estimable for the eight cells pooled (R1 and R2). Reason: in guided, a reader"
        in warnings
    )


def test_no_warning_where_no_difference_is_expected() -> None:
    text = rows(*crossed("guided"))
    assert "ifference" not in warnings_of(text, outcomes=["L1_anterior"], compare=None)
    assert not agreement(parse_csv(text), compare=None).not_compared
    assert agreement(parse_csv(text)).not_compared.endswith("(arms in the data: guided).")


def test_complete_crossover_gives_no_warning() -> None:
    assert not warnings_of(crossover(readers=3, cases=30))


@pytest.mark.parametrize(
    ("readings", "sentence"),
    [
        (
            [f"{reading} 1 2" for reading in crossed()],
            "12 repeat readings (replicate 2) were not used: there is no first reading",
        ),
        (
            [*crossed(), *(f"{reading} 1 3" for reading in crossed())],
            "12 readings with a replicate above 2 were not used.",
        ),
        (
            [*crossed(), *(f"{reading} 1 2" for reading in crossed("guided"))],
            "difference in intrareader agreement was computed: there are no repeat readings in ung",
        ),
        (
            [*(f"{reading} 1 1 90000" for reading in crossed("guided")), *crossed("unguided")],
            "No ratio of reading times, guided to unguided, was computed: there are no active",
        ),
    ],
)
def test_missing_repeats_and_times_are_reported(readings: list[str], sentence: str) -> None:
    assert sentence in warnings_of(rows(*readings), outcomes=["L1_anterior"], detail=True)


def test_period_confounded_with_arm_gives_a_warning() -> None:
    lines = crossover(readers=2, cases=5).splitlines()
    text = "\n".join(line.replace(",guided,1,", ",guided,2,") for line in lines)
    warnings = warnings_of(text, outcomes=["cells"], weights=["linear"], detail=True)
    assert "The period effect is not estimable for" in warnings
    assert "confounded with reader, arm and case" in warnings


@pytest.mark.parametrize("seed", range(24))
def test_small_study_without_a_difference_has_a_warning(seed: int) -> None:
    analysis = agreement(parse_csv(small_study(np.random.default_rng(seed))))
    for outcome in ("cells", "aac24"):
        means = list(analysis.find("mean_kappa_difference", outcome=outcome, weights="linear"))
        if not any(mean.estimate.value is not None for mean in means):
            assert any("difference" in warning for warning in analysis.warnings)


def test_command_prints_the_reason_in_table_and_json(tmp_path, capsys) -> None:
    path = tmp_path / "readings.csv"
    path.write_text(rows(*crossed("guided")))
    assert main([str(path)]) == 0
    assert "No guided minus unguided difference was computed" in capsys.readouterr().out
    assert main([str(path), "--json", "--compare", "guided,assisted"]) == 0
    warnings = json.loads(capsys.readouterr().out)["warnings"]
    assert [warning for warning in warnings if "assisted" in warning]
    assert not [warning for warning in warnings if "unguided" in warning]


def test_results_by_site_warn_of_missing_differences_within_a_site(tmp_path, capsys) -> None:
    path = tmp_path / "readings.csv"
    readings = [
        *(f"{reading} 1 1 90000 North" for reading in crossed("guided unguided", cases="1 2 3")),
        *(f"{reading} 1 1 90000 South" for reading in crossed("guided", cases="4 5 6")),
    ]
    path.write_text(rows(*readings))
    assert main([str(path), "--json", "--by", "site", "--by", "scanner"]) == 0
    warnings = json.loads(capsys.readouterr().out)["warnings"]
    assert any(
        reading.startswith("Site South: No guided minus unguided difference was")
        for reading in warnings
    )
    assert "There are no results by scanner: the column scanner is missing or empty." in warnings
