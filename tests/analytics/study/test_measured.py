"""Final against measured grades, and traced lengths between readers."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from studies.analytics.coefficients.bland_altman import bland_altman
from studies.analytics.coefficients.intraclass import icc
from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.scale import CELLS
from studies.analytics.study.agreement import agreement
from studies.analytics.study.measured import total_lengths

COLUMNS = "reader,case,arm,level,wall,score,measured_score,calcified_mm"


def drawn(cases: int = 12) -> dict[tuple[str, int], tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Final grades, measured grades and lengths by reader and case."""
    rng = np.random.default_rng(3)
    readings = {}
    for case in range(cases):
        lengths = rng.uniform(0, 40, 8)
        for reader in "AB":
            traced = np.round(np.clip(lengths + rng.normal(0, 2, 8), 0, None), 2)
            measured = np.digitize(traced, [5, 13, 26])
            final = np.where(rng.random(8) < 0.1, 3 - measured, measured)
            readings[reader, case] = (final, measured, traced)
    return readings


def text_of(readings) -> str:
    lines = [COLUMNS]
    for (reader, case), (final, measured, lengths) in readings.items():
        for cell, *values in zip(CELLS, final, measured, lengths, strict=True):
            level, wall = cell.split("_")
            given = ",".join(str(value) for value in values)
            lines.append(f"{reader},{case},measured,{level},{wall},{given}")
            lines.append(f"{reader},{case},unguided,{level},{wall},{values[0]},,")
    return "\n".join(lines)


READINGS = drawn()
TABLE = parse_csv(text_of(READINGS))
RESULTS = agreement(TABLE, compare=("measured", "unguided"), detail=True).results


def find(statistic: str, **labels):
    return [
        result
        for result in RESULTS
        if result.statistic == statistic
        and all(getattr(result, name) == value for name, value in labels.items())
    ]


def of_reader(reader: str, part: int) -> np.ndarray:
    return np.concatenate(
        [values[part] for (name, _), values in READINGS.items() if name == reader]
    )


@pytest.mark.parametrize("reader", "AB")
def test_final_grades_are_compared_with_the_measured_ones_of_the_same_reader(reader):
    final, measured = of_reader(reader, 0), of_reader(reader, 1)
    (kappa,) = find("kappa_with_measured", weights="linear", readers=(reader,))
    expected = cohen_kappa_score(final, measured, labels=[0, 1, 2, 3], weights="linear")
    assert kappa.estimate.value == pytest.approx(expected)
    assert (kappa.arm, kappa.estimate.n) == ("measured", len(final))
    (share,) = find("agreement_with_measured", readers=(reader,))
    assert share.estimate.value == pytest.approx((final == measured).mean())
    assert share.more["overridden"] == int((final != measured).sum())


@pytest.mark.parametrize("weights", ["linear", "quadratic"])
def test_measured_grades_of_two_readers_are_compared_as_the_final_ones(weights):
    measured = [of_reader(reader, 1) for reader in "AB"]
    (kappa,) = find("cohen_kappa", outcome="measured_cells", weights=weights)
    expected = cohen_kappa_score(*measured, labels=[0, 1, 2, 3], weights=weights)
    assert kappa.estimate.value == pytest.approx(expected)
    assert (kappa.arm, kappa.readers, kappa.estimate.n) == ("measured", ("A", "B"), 96)
    (mean,) = find("light_kappa", outcome="measured_cells", weights=weights)
    assert mean.estimate.value == pytest.approx(expected)


def test_results_of_measured_reading_need_no_further_detail():
    statistics = ("kappa_with_measured", "agreement_with_measured")
    plain = agreement(TABLE, compare=("measured", "unguided"))
    for statistic in statistics:
        assert [result.record() for result in plain.find(statistic, outcome="cells")] == [
            result.record() for result in find(statistic)
        ]
    assert next(plain.find("icc_a_1", outcome="calcified_mm", arm="measured"))
    # No difference to an arm that is not measured.
    assert not list(plain.find("mean_kappa_difference", outcome="measured_cells"))


def test_total_lengths_of_two_readers_have_limits_of_agreement_and_icc():
    lengths = np.array([[READINGS[reader, case][2].sum() for reader in "AB"] for case in range(12)])
    assert np.sort(total_lengths(TABLE, "measured")[0]) == pytest.approx(np.sort(lengths[:, 0]))
    expected = bland_altman(lengths[:, 0], lengths[:, 1])
    (bias,) = find("bland_altman_bias", outcome="calcified_mm")
    (upper,) = find("bland_altman_upper", outcome="calcified_mm")
    assert bias.estimate.value == pytest.approx(expected.value)
    assert upper.estimate.value == pytest.approx(expected.upper.value)
    (single,) = find("icc_a_1", outcome="calcified_mm")
    assert single.estimate.value == pytest.approx(icc(lengths, form="A,1").value)


def test_arms_without_measuring_have_no_measured_results():
    assert not find("kappa_with_measured", arm="unguided")
    plain = parse_csv("reader,case,level,wall,score\nA,1,L1,anterior,2\nB,1,L1,anterior,3")
    assert plain.measured is None
    assert np.isnan(total_lengths(plain, None)).all()


def test_measured_columns_follow_the_rows_that_are_selected():
    part = TABLE.where(TABLE.reader == 1).without_unused_names()
    assert part.measured is not None
    assert part.measured.shape == part.scores.shape
    first = part.first_readings("measured")[0]
    expected = sorted(map(tuple, (READINGS["B", case][1] for case in range(12))))
    assert sorted(map(tuple, part.measured[first])) == expected


def test_length_that_is_no_number_is_rejected():
    text = f"{COLUMNS}\nA,1,measured,L1,anterior,2,2,long"
    with pytest.raises(ValueError, match="is not a length in mm"):
        parse_csv(text)
