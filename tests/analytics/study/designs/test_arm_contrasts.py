"""Contrasts between three and four arms against analyses of two arms at a time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.study.agreement import agreement
from studies.analytics.study.designs.arm_contrasts import contrasts_of
from tests.analytics.rows import crossover

ERRORS = {"unguided": 0.5, "guided": 0.2, "measured": 0.3, "guided measured": 0.15}
OPTIONS = {"weights": ["linear"], "outcomes": ["cells"]}


def text_of(arms: int) -> str:
    return crossover(readers=3, cases=20, errors=dict(list(ERRORS.items())[:arms]))


def contrasts(analysis):
    return list(analysis.find("mean_kappa_contrast", outcome="cells", weights="linear"))


@pytest.mark.parametrize("arms", [3, 4])
def test_each_contrast_is_the_difference_of_its_two_arms_alone(arms: int) -> None:
    text = text_of(arms)
    bootstrap = Bootstrap.draw(20, replicates=60, seed=3)
    results = contrasts(agreement(parse_csv(text), bootstrap=bootstrap, **OPTIONS))
    assert len(results) == arms * (arms - 1) / 2
    header, *lines = text.splitlines()
    for result in results:
        minuend, subtrahend = result.more["arms"]
        of_arms = [line for line in lines if line.split(",")[3] in (minuend, subtrahend)]
        alone = agreement(
            parse_csv("\n".join([header, *of_arms])),
            compare=(minuend, subtrahend),
            bootstrap=bootstrap,
            **OPTIONS,
        )
        (expected,) = alone.find("mean_kappa_difference")
        assert result.readers == expected.readers
        assert result.estimate.value == pytest.approx(expected.estimate.value, abs=1e-12)
        assert result.estimate.se == pytest.approx(expected.estimate.se, abs=1e-12)
        assert result.estimate.n == expected.estimate.n == 20
        assert result.more["n_arms"] == [20, 20]
        for name in ("ci_bootstrap", "ci_bca", "ci_bootstrap_readers"):
            assert result.more[name] == pytest.approx(expected.more[name], abs=1e-12)


def test_p_values_of_all_but_the_primary_contrast_are_adjusted() -> None:
    results = contrasts(agreement(parse_csv(text_of(4)), **OPTIONS))
    primary, *others = results
    assert [result.more["primary"] for result in results] == [True] + [False] * 5
    assert (primary.more["arms"], primary.more["p_holm"]) == (["guided", "unguided"], None)
    for result in results:
        z = result.estimate.value / result.estimate.se
        assert result.more["p"] == pytest.approx(2 * stats.norm.sf(abs(z)))
        assert "Wald" in result.estimate.method
    p_values = [result.more["p"] for result in others]
    expected = multipletests(p_values, method="holm")[1]
    assert [result.more["p_holm"] for result in others] == pytest.approx(expected)


def test_any_contrast_may_be_the_primary_one() -> None:
    table = parse_csv(text_of(3))
    results = contrasts(agreement(table, compare=("unguided", "measured"), **OPTIONS))
    assert [result.arm for result in results] == [
        "unguided-measured",
        "guided-unguided",
        "measured-guided",
    ]
    assert [result.more["primary"] for result in results] == [True, False, False]


def test_primary_contrast_comes_first_and_no_contrast_twice() -> None:
    arms = ("unguided", "guided", "measured")
    assert contrasts_of(arms, ("measured", "guided")) == (
        ("measured", "guided"),
        ("guided", "unguided"),
        ("measured", "unguided"),
    )
    assert contrasts_of(arms[:2], ("guided", "unguided")) == ()
    assert contrasts_of((*arms[:2], None), ("guided", "unguided")) == ()
    assert contrasts_of(arms, None) == ()


def test_two_arms_have_no_contrasts_and_one_arm_no_difference() -> None:
    assert not contrasts(agreement(parse_csv(text_of(2)), **OPTIONS))
    alone = agreement(parse_csv(text_of(1)), compare=None, **OPTIONS)
    assert not contrasts(alone)
    assert not alone.warnings


def test_further_arms_leave_the_other_records_unchanged() -> None:
    two, three = (agreement(parse_csv(text_of(arms)), detail=True, **OPTIONS) for arms in (2, 3))
    arms = ("unguided", "guided", "guided-unguided")
    shared = [
        record
        for record in three.records()
        if record["arm"] in arms and record["statistic"] != "mean_kappa_contrast"
    ]
    assert shared == [record for record in two.records() if record["arm"]]


def test_contrast_with_an_arm_of_one_reader_has_a_reason_and_no_p_value() -> None:
    lines = text_of(3).splitlines()
    text = "\n".join(line for line in lines if ",measured," not in line or line.startswith("R1,"))
    analysis = agreement(parse_csv(text), **OPTIONS)
    primary, *others = contrasts(analysis)
    assert primary.more["p"] is not None
    for result in others:
        assert result.estimate.value is result.more["p"] is result.more["p_holm"] is None
        assert "no two readers read in both arms" in result.estimate.note
    (warning,) = [text for text in analysis.warnings if "measured minus guided" in text]
    assert warning == (
        "No measured minus guided difference was computed: no two readers read in both arms "
        "(measured: R1; guided: R1, R2, R3)."
    )


@pytest.mark.parametrize("seed", range(5))
def test_swapping_the_primary_contrast_changes_its_sign_only(seed: int) -> None:
    text = crossover(readers=3, cases=8, errors=dict(list(ERRORS.items())[:3]), seed=seed)
    ways = [("guided", "unguided"), ("unguided", "guided")]
    one, other = (contrasts(agreement(parse_csv(text), compare=arms, **OPTIONS)) for arms in ways)
    assert one[0].estimate.value == pytest.approx(-other[0].estimate.value, abs=1e-12)
    assert one[0].more["p"] == pytest.approx(other[0].more["p"])
    assert [result.record() for result in one[1:]] == [result.record() for result in other[1:]]
    assert np.sign(one[0].estimate.ci).tolist() == (-np.sign(other[0].estimate.ci[::-1])).tolist()


def test_patients_of_a_contrast_are_those_of_the_pairs_that_enter_it() -> None:
    header, *lines = crossover(readers=4, cases=20, errors=dict(list(ERRORS.items())[:3]))[
        :-1
    ].splitlines()
    selected = []
    for line in lines:
        reader, case, _, arm, *_, score, validity, time = line.split(",")
        # R1 and R2 read other patients than R3 and R4, and gave a single score in one arm.
        if (reader in ("R1", "R2")) != (int(case[1:]) <= 10):
            continue
        if reader in ("R1", "R2") and arm == "guided":
            line = line.removesuffix(f",{score},{validity},{time}") + f",0,0,{time}"
        selected.append(line)
    table = parse_csv("\n".join([header, *selected]))
    results = agreement(table, **OPTIONS)
    (contrast,) = (one for one in contrasts(results) if one.more["arms"] == ["guided", "unguided"])
    (difference,) = results.find("mean_kappa_difference")
    assert difference.more["n_arms"] == [10, 10]
    assert contrast.more["n_arms"] == difference.more["n_arms"]
