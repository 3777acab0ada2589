"""Images have 256 x 512 pixels: one pixel is two pixels of the frame of 512 x 1024."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.evaluation.comparison import compare_errors
from inference.evaluation.outcome import Outcome
from inference.results import CORNERS, VERTEBRAE, Vertebra
from tests.inference.evaluation.cases import outcome
from tests.inference.spines import straight

ONE_CORNER = {(Vertebra.L1, "superior_anterior")}
ALL_CORNERS = {(vertebra, corner) for vertebra in VERTEBRAE for corner in CORNERS}


def outcomes(*offsets: float) -> list[Outcome]:
    """Return one outcome per offset in x, in original pixels."""
    return [replace(outcome(by=(x, 0)), key=str(n)) for n, x in enumerate(offsets)]


def patients(number: int) -> dict[str, str]:
    return {str(n): f"P{n}" for n in range(number)}


def test_corrected_corners_are_compared_apart_from_the_others() -> None:
    corrected, other = compare_errors(
        outcomes(4, 4), outcomes(1, 1), patients=patients(2), corrected={"0": ONE_CORNER}
    )
    assert (corrected.corners, corrected.patients) == (1, 1)
    assert (other.corners, other.patients) == (47, 2)
    # Half of 8 frame pixels, because the difference in y is 0.
    assert (other.before_px, other.after_px, other.difference_px) == (4.0, 1.0, -3.0)


def test_one_patient_gives_no_interval_whatever_the_number_of_images() -> None:
    corrected, other = compare_errors(
        outcomes(4, 5, 6),
        outcomes(1, 1, 1),
        patients=dict.fromkeys("012", "P1"),
        corrected=dict.fromkeys("012", ALL_CORNERS),
    )
    assert (corrected.corners, corrected.patients, corrected.interval_px) == (72, 1, None)
    assert corrected.difference_px == -4.0
    assert (other.corners, other.before_px, other.difference_px) == (0, None, None)


def test_interval_is_of_patients_and_not_of_corners() -> None:
    """Of two patients, one improves by 4 px and the other worsens by 2; all 48 corners agree."""
    _, other = compare_errors(outcomes(4, 0), outcomes(0, 2), patients=patients(2), corrected={})
    assert other.difference_px == -1.0
    assert other.interval_px == (-4.0, 2.0)


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=2, max_size=6))
def test_interval_contains_the_difference_and_lies_within_those_of_single_patients(
    offsets: list[tuple[float, float]],
) -> None:
    before, after = (outcomes(*column) for column in zip(*offsets, strict=True))
    _, other = compare_errors(before, after, patients=patients(len(offsets)), corrected={})
    assert other.interval_px is not None and other.difference_px is not None
    low, high = other.interval_px
    differences = [y - x for x, y in offsets]
    assert min(differences) - 0.001 <= low <= other.difference_px + 0.001
    assert other.difference_px - 0.001 <= high <= max(differences) + 0.001


def test_means_are_over_corners_that_both_predicted() -> None:
    predicted = straight().moved(Vertebra.L1, "superior_anterior", None)
    missing = replace(outcome(predicted=predicted), key="0")
    corrected, other = compare_errors(
        [missing], outcomes(1), patients=patients(1), corrected={"0": ONE_CORNER}
    )
    assert (corrected.corners, corrected.missed_before, corrected.missed_after) == (0, 1, 0)
    assert (other.corners, other.missed_before, other.before_px) == (23, 0, 0.0)


def test_outcomes_of_other_images_are_rejected() -> None:
    with pytest.raises(ValueError, match="not of the same images"):
        compare_errors(outcomes(1, 1), outcomes(1), patients=patients(2), corrected={})
