from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inference.decoding.confidence_checks import check_level_labels
from inference.decoding.level_labels import find_gaps, label_by_rank, label_by_sequence
from inference.decoding.vertebrae import DetectedBody
from inference.network.configuration import LEVEL_CLASSES
from tests.inference.decoding.test_vertebrae import body


def votes(*names: str, strength: float = 5.0) -> list[NDArray[np.float64]]:
    rows = []
    for name in names:
        logits = np.zeros(len(LEVEL_CLASSES))
        logits[LEVEL_CLASSES.index(name)] = strength
        rows.append(logits - np.log(np.exp(logits).sum()))
    return rows


def column(rows: Sequence[NDArray[np.float64]], ys: Sequence[float]) -> list[DetectedBody]:
    return [body(50, y, row) for y, row in zip(ys, rows, strict=True)]


def test_names_are_the_best_consecutive_run() -> None:
    wrong_in_the_middle = votes("T12", "L1", "L3", "L3", "L4", "L5")
    naming = label_by_sequence(column(wrong_in_the_middle, range(20, 170, 25)), LEVEL_CLASSES)
    assert naming.names == ("T12", "L1", "L2", "L3", "L4", "L5")
    assert naming.probability > 0.9


def test_undecided_names_are_improbable() -> None:
    even = [
        np.logaddexp(a, b)
        for a, b in zip(
            votes("T11", "T12", "L1", "L2", "L3", "L4"),
            votes("T12", "L1", "L2", "L3", "L4", "L5"),
            strict=True,
        )
    ]
    naming = label_by_sequence(column(even, range(20, 170, 25)), LEVEL_CLASSES)
    assert naming.probability < 0.6
    assert abs(naming.runner_up) == 1


def test_missed_body_leaves_a_gap_and_does_not_shift_the_names_below() -> None:
    bodies = column(votes("T12", "L1", "L3", "L4", "L5"), (20, 45, 95, 120, 145))
    naming = label_by_sequence(bodies, LEVEL_CLASSES)
    assert naming.gaps == (1,)
    assert naming.names == ("T12", "L1", "L3", "L4", "L5")


def test_regular_column_has_no_gap() -> None:
    assert find_gaps([body(50, y) for y in (20, 45, 72, 101, 132)]) == ()


def test_ranked_names_follow_the_order_whatever_is_seen() -> None:
    naming = label_by_rank([body(50, y) for y in (20, 45, 70)])
    assert naming.names == ("T12", "L1", "L2")


def test_ranked_names_go_to_the_six_strongest_and_a_further_body_has_none() -> None:
    bodies = [replace(body(50, 20 + 25 * k), peak=0.5 if k == 0 else 0.9) for k in range(7)]
    assert label_by_rank(bodies).names == ("", "T12", "L1", "L2", "L3", "L4", "L5")


def test_sixth_lumbar_body_is_counted_and_keeps_the_names_above() -> None:
    bodies = column(votes("T12", "L1", "L2", "L3", "L4", "L5", "L6", "S1"), range(20, 220, 25))
    naming = label_by_sequence(bodies, LEVEL_CLASSES)
    assert naming.names[:6] == ("T12", "L1", "L2", "L3", "L4", "L5")
    assert naming.names[6:] == ("L6", "S1")
    assert naming.lumbar == 6


def test_sacrum_below_l4_makes_four_lumbar_bodies() -> None:
    bodies = column(votes("T11", "T12", "L1", "L2", "L3", "L4", "S1"), range(20, 195, 25))
    naming = label_by_sequence(bodies, LEVEL_CLASSES)
    assert naming.names[-2:] == ("L4", "S1")
    assert naming.lumbar == 4


def test_column_without_its_lower_end_counts_as_usual() -> None:
    bodies = column(votes("T11", "T12", "L1", "L2", "L3"), range(20, 145, 25))
    assert label_by_sequence(bodies, LEVEL_CLASSES).lumbar == 5


def test_nothing_found_has_no_names() -> None:
    assert label_by_sequence([], LEVEL_CLASSES).names == ()


def test_more_bodies_than_levels_get_no_names_at_all() -> None:
    bodies = column(votes(*["L1"] * 25), range(20, 20 + 25 * 25, 25))
    naming = label_by_sequence(bodies, LEVEL_CLASSES)
    assert set(naming.names) == {""}
    doubt = check_level_labels(bodies, naming, end=1000.0, by_rank=False)
    assert doubt is not None
    assert doubt.reason == "fewer_than_six"
