from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.decoding.confidence_checks import check_level_labels
from inference.decoding.level_labels import (
    LevelLabels,
    find_gaps,
    label_by_rank,
    label_by_sequence,
)
from inference.decoding.vertebrae import DetectedBody
from inference.network.configuration import LEVEL_CLASSES
from tests.inference.decoding.test_vertebrae import body
from tests.inference.evaluation.calibration import columns


def votes(*names: str, strength: float = 5.0) -> list[NDArray[np.float64]]:
    rows = []
    for name in names:
        logits = np.zeros(len(LEVEL_CLASSES))
        logits[LEVEL_CLASSES.index(name)] = strength
        rows.append(logits - np.log(np.exp(logits).sum()))
    return rows


def column(rows: Sequence[NDArray[np.float64]], ys: Sequence[float]) -> list[DetectedBody]:
    return [body(50, y, row) for y, row in zip(ys, rows, strict=True)]


RANGE = range(20, 170, 25)


def probability_of(labels: LevelLabels) -> float:
    assert labels.posterior is not None
    return labels.posterior.probability


def test_labels_are_the_best_consecutive_sequence() -> None:
    wrong_in_the_middle = votes("T12", "L1", "L3", "L3", "L4", "L5")
    labels = label_by_sequence(column(wrong_in_the_middle, range(20, 170, 25)), LEVEL_CLASSES)
    assert labels.names == ("T12", "L1", "L2", "L3", "L4", "L5")
    assert probability_of(labels) > 0.9


def test_ambiguous_labels_are_uncertain() -> None:
    even = [
        np.logaddexp(a, b) - np.log(2)
        for a, b in zip(
            votes("T11", "T12", "L1", "L2", "L3", "L4"),
            votes("T12", "L1", "L2", "L3", "L4", "L5"),
            strict=True,
        )
    ]
    bodies = column(even, range(20, 170, 25))
    labels = label_by_sequence(bodies, LEVEL_CLASSES)
    assert probability_of(labels) < 0.9
    assert labels.fit == pytest.approx(0.5, abs=0.05)
    assert check_level_labels(bodies, labels) is not None
    assert labels.posterior is not None
    assert labels.posterior.runner_up is not None
    assert labels.posterior.runner_up[0] in (-1, 1)


def test_fit_is_the_geometric_mean_of_the_votes_for_t12_to_the_sacrum() -> None:
    """Thoracic bodies above T12 do not count, however little they look like their levels."""
    names = ("T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5", "S1")
    level_votes = votes(*names)
    level_votes[0] = votes("L6")[0]
    labels = label_by_sequence(column(level_votes, range(20, 240, 25)), LEVEL_CLASSES)
    assert labels.names == names
    votes_of_labels = [
        vote[LEVEL_CLASSES.index(n)] for n, vote in zip(names, level_votes, strict=True)
    ]
    assert labels.fit == pytest.approx(float(np.exp(np.mean(votes_of_labels[2:]))))


def test_labels_without_a_level_that_is_counted_do_not_fit() -> None:
    thoracic = column(votes("T5", "T6", "T7"), range(20, 90, 25))
    assert label_by_sequence(thoracic, LEVEL_CLASSES).fit == 0
    assert label_by_rank(thoracic).fit is None


def test_probabilities_of_all_labellings_sum_to_one() -> None:
    bodies = column(votes("T12", "L1", "L2", "L3", "L4", "L5", strength=1.0), range(20, 170, 25))
    posterior = label_by_sequence(bodies, LEVEL_CLASSES).posterior
    assert posterior is not None
    assert sum(posterior.shifts.values()) + posterior.other_count == pytest.approx(1)
    assert posterior.probability == max(posterior.shifts.values())


@given(
    steps=st.lists(st.sampled_from([25, 25, 25, 50]), min_size=3, max_size=10),
    seed=st.integers(0, 2**32 - 1),
)
def test_probabilities_sum_to_one_for_any_column_with_or_without_gaps(
    steps: list[int], seed: int
) -> None:
    """With a gap above the last body, one shift has several sequences, of which none is lost."""
    ys = np.cumsum([20, *steps])
    rows = np.random.default_rng(seed).normal(0, 3, (len(ys), len(LEVEL_CLASSES)))
    rows -= np.log(np.exp(rows).sum(axis=1, keepdims=True))
    posterior = label_by_sequence(column(list(rows), ys.tolist()), LEVEL_CLASSES).posterior
    assert posterior is not None
    assert sum(posterior.shifts.values()) + posterior.other_count == pytest.approx(1)


def test_labels_are_probable_although_l5_is_hidden_between_l4_and_the_sacrum() -> None:
    names = ("T11", "T12", "L1", "L2", "L3", "L4", "S1")
    bodies = column(votes(*names), (20, 45, 70, 95, 120, 145, 195))
    labels = label_by_sequence(bodies, LEVEL_CLASSES)
    assert labels.names == names
    assert labels.gaps == (5,)
    assert probability_of(labels) > 0.9
    assert check_level_labels(bodies, labels) is None


def test_weaker_votes_make_labels_less_probable() -> None:
    shares = []
    for strength in (1.0, 3.0, 6.0):
        rows = votes("T12", "L1", "L2", "L3", "L4", "L5", strength=strength)
        shares.append(probability_of(label_by_sequence(column(rows, RANGE), LEVEL_CLASSES)))
    assert shares == sorted(shares)
    assert shares[0] < 0.9 < shares[2]


def test_two_ends_that_disagree_make_labels_improbable() -> None:
    """The upper bodies look like T11 to L1, the lower ones like L3 to L5, one level further."""
    agree = column(votes("T12", "L1", "L2", "L3", "L4", "L5"), RANGE)
    differ = column(votes("T11", "T12", "L1", "L3", "L4", "L5"), RANGE)
    shares = [probability_of(label_by_sequence(b, LEVEL_CLASSES)) for b in (agree, differ)]
    assert shares[1] < shares[0]


def test_missed_body_leaves_a_gap_and_does_not_shift_the_labels_below() -> None:
    bodies = column(votes("T12", "L1", "L3", "L4", "L5"), (20, 45, 95, 120, 145))
    labels = label_by_sequence(bodies, LEVEL_CLASSES)
    assert labels.gaps == (1,)
    assert labels.names == ("T12", "L1", "L3", "L4", "L5")


def test_regular_column_has_no_gap() -> None:
    assert find_gaps([body(50, y) for y in (20, 45, 72, 101, 132)]) == ()


def test_labels_by_rank_follow_the_order_alone() -> None:
    labels = label_by_rank([body(50, y) for y in (20, 45, 70)])
    assert labels.names == ("T12", "L1", "L2")


def test_labels_by_rank_go_to_the_six_strongest_bodies_only() -> None:
    bodies = [replace(body(50, 20 + 25 * k), peak=0.5 if k == 0 else 0.9) for k in range(7)]
    assert label_by_rank(bodies).names == ("", "T12", "L1", "L2", "L3", "L4", "L5")


def test_sixth_lumbar_body_is_counted_without_shifting_the_labels_above() -> None:
    bodies = column(votes("T12", "L1", "L2", "L3", "L4", "L5", "L6", "S1"), range(20, 220, 25))
    labels = label_by_sequence(bodies, LEVEL_CLASSES)
    assert labels.names[:6] == ("T12", "L1", "L2", "L3", "L4", "L5")
    assert labels.names[6:] == ("L6", "S1")
    assert labels.lumbar == 6


def test_sacrum_below_l4_makes_four_lumbar_bodies() -> None:
    levels = ("T11", "T12", "L1", "L2", "L3", "L4", "S1")
    bodies = columns.column(np.random.default_rng(1), levels, vote_noise=0.2, shift=0)
    labels = label_by_sequence(bodies, LEVEL_CLASSES)
    assert labels.names[-2:] == ("L4", "S1")
    assert labels.lumbar == 4


def test_column_without_its_lower_end_counts_five_lumbar_bodies() -> None:
    bodies = column(votes("T11", "T12", "L1", "L2", "L3"), range(20, 145, 25))
    assert label_by_sequence(bodies, LEVEL_CLASSES).lumbar == 5


def test_no_bodies_have_no_labels() -> None:
    assert label_by_sequence([], LEVEL_CLASSES).names == ()


def test_more_bodies_than_levels_get_no_labels() -> None:
    bodies = column(votes(*["L1"] * 25), range(20, 20 + 25 * 25, 25))
    labels = label_by_sequence(bodies, LEVEL_CLASSES)
    assert set(labels.names) == {""}
    uncertainty = check_level_labels(bodies, labels, end=1000.0, by_rank=False)
    assert uncertainty is not None
    assert uncertainty.reason == "fewer_than_six"
