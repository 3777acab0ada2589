"""The section of the model card that compares the weights before and after."""

from __future__ import annotations

from inference.evaluation.comparison import Comparison
from studies.fine_tuning.evaluation import comparison_json, describe_comparison
from studies.fine_tuning.patients import Patients

CORRECTED = Comparison(31, 7, 2, 0, 6.42, 4.1, -2.32, (-3.1, -1.24))
OTHER = Comparison(9, 1, 0, 0, 0.31, 0.52, 0.21, None)
NONE = Comparison(0, 0, 0, 0, None, None, None, None)


def patients(number: int, *, before: int) -> Patients:
    codes = [f"trial/P{n:04d}" for n in range(number)]
    return Patients(dict(enumerate(codes)), frozenset(codes[:before]))


def test_card_has_both_sets_of_corners_with_numbers_interval_and_bias() -> None:
    card = describe_comparison([], [], (CORRECTED, OTHER), patients(40, before=0))
    assert "| corrected | 31 | 7 | 2 / 0 | 6.42 | 4.10 | -2.32 | -3.10 to -1.24 |" in card
    assert "| others | 9 | 1 | 0 / 0 | 0.31 | 0.52 | +0.21 | - |" in card
    assert "Neither set of corners is unbiased" in card
    assert "knows of no patient who was used to train the initial weights" in card


def test_card_has_no_numbers_where_there_are_no_corners() -> None:
    card = describe_comparison([], [], (NONE, NONE), patients(4, before=0))
    assert "| corrected | 0 | 0 | 0 / 0 | - | - | - | - |" in card


def test_card_states_which_patients_were_trained_on_and_what_cannot_be_recognised() -> None:
    card = describe_comparison([], [], (CORRECTED, OTHER), patients(40, before=36))
    assert "Of 40 patients, 36 were already used to train or select the initial weights" in card
    assert "different pseudonyms in two studies, without a shared image, cannot be" in card


def test_comparison_is_json() -> None:
    stored = comparison_json((CORRECTED, NONE))
    assert stored["corrected"]["interval_px"] == [-3.1, -1.24]
    assert stored["other"]["difference_px"] is None
