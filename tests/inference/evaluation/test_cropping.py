import pytest

from inference.evaluation.cropping import judge_crop, wilson
from tests.inference.evaluation.cases import outcome


def case(truth, field, authors):
    return outcome(crop_truth=truth, crop={"true": {"field": field, "vertenet": authors}})


def test_rates_by_hand():
    """Of the cropped images 2 of 3 are detected, of the others 3 of 4; 3 are undecided."""
    results = judge_crop(
        [case("cropped", "cropped", "ok")] * 2
        + [case("cropped", "ok", "ok"), case("cropped", "unknown", "unknown")]
        + [case("ok", "ok", "cropped")] * 3
        + [case("ok", "cropped", "cropped"), outcome()]
        + [case("ok", "borderline", "ok"), case("cropped", "borderline", "cropped")]
    )
    assert set(results) == {"true"}
    rates = results["true"]["field"]
    assert (rates["borderline"], rates["unknown"]) == (2, 1)
    assert (rates["decided"]["n"], rates["decided"]["value"]) == (10, 0.7)
    assert rates["sensitivity"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert rates["specificity"]["value"] == 0.75
    assert rates["accuracy"] == pytest.approx(
        {"n": 7, "value": 5 / 7, "low": 0.3589, "high": 0.9178}, abs=1e-4
    )
    assert results["true"]["vertenet"]["accuracy"] == pytest.approx(
        {"n": 9, "value": 2 / 9, "low": 0.0632, "high": 0.5474}, abs=1e-4
    )


def test_rates_without_cases_are_unknown():
    rates = judge_crop([case("ok", "ok", "ok")])["true"]["field"]
    assert rates["sensitivity"] == {"n": 0, "value": None, "low": None, "high": None}


@pytest.mark.parametrize(("hits", "n", "ends"), [(81, 263, (0.2553, 0.3662)), (0, 10, (0, 0.2775))])
def test_wilson_interval(hits, n, ends):
    """81 of 263 is the example of Newcombe (1998); 0 of 10 follows from z2 / (n + z2)."""
    assert wilson(hits, n) == pytest.approx(ends, abs=1e-4)
