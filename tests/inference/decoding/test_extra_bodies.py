from __future__ import annotations

from dataclasses import replace

from inference.decoding.extra_bodies import find_extra_bodies
from inference.decoding.level_labels import label_by_sequence
from inference.decoding.vertebrae import DetectedBody
from inference.network.configuration import LEVEL_CLASSES
from tests.inference.decoding.test_level_labels import column, votes

NAMES = ("T12", "L1", "L2", "L3", "L4", "L5")


def with_body_in_a_disc(peak: float) -> list[DetectedBody]:
    """Return T12 to L5, 25 pixels apart, and a body midway between L4 and L5."""
    bodies = column(votes("T12", "L1", "L2", "L3", "L4", "L5"), range(20, 170, 25))
    (extra,) = column(votes("L5"), [132])
    return [*bodies[:5], replace(extra, peak=peak), bodies[5]]


def test_weak_body_in_a_disc_is_extra() -> None:
    assert find_extra_bodies(with_body_in_a_disc(0.5)) == (5,)


def test_body_stronger_than_its_neighbours_is_not_extra() -> None:
    assert find_extra_bodies(with_body_in_a_disc(0.95)) == ()


def test_regular_column_has_no_extra_body() -> None:
    regular = column(votes(*NAMES), (20, 45, 72, 101, 132, 164))
    assert find_extra_bodies(regular) == ()


def test_narrow_disc_does_not_make_a_body_extra() -> None:
    narrow = column(votes(*NAMES), (20, 45, 70, 88, 113, 138))
    assert find_extra_bodies([*narrow[:3], replace(narrow[3], peak=0.3), *narrow[4:]]) == ()


def test_extra_body_gets_no_label_and_shifts_none() -> None:
    labels = label_by_sequence(with_body_in_a_disc(0.5), LEVEL_CLASSES)
    assert labels.names == ("T12", "L1", "L2", "L3", "L4", "", "L5")


def test_gap_below_an_extra_body_keeps_its_place() -> None:
    bodies = with_body_in_a_disc(0.5)
    (sacrum,) = column(votes("S1"), [205])
    assert label_by_sequence([*bodies, sacrum], LEVEL_CLASSES).gaps == (6,)
