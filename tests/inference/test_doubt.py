from __future__ import annotations

import numpy as np

from inference.decode import FoundBody
from inference.doubt import doubt_levels, doubt_view
from inference.naming import Naming
from inference.shapes import LevelDoubt
from tests.inference.test_decode import body

SIX = ("T12", "L1", "L2", "L3", "L4", "L5")


def spine(count: int = 6) -> list[FoundBody]:
    return [body(50 + 2 * k, 20 + 25 * k) for k in range(count)]


def reason(doubt: LevelDoubt | None) -> str | None:
    return None if doubt is None else doubt.reason


def test_regular_column_with_sure_names_is_not_doubted() -> None:
    assert doubt_levels(spine(), Naming(SIX, 0.99, 1, ())) is None
    assert doubt_view(spine(), lateral=0.99) is None


def test_missing_bodies_are_listed() -> None:
    doubt = doubt_levels(spine(5), Naming(SIX[:5], 0.99, 1, ()))
    assert doubt is not None
    assert doubt.reason == "fewer_than_six"
    assert "L5" in doubt.detail


def test_gap_is_told_with_its_size() -> None:
    bodies = [body(50, y) for y in (20, 45, 70, 95, 145, 170, 195)]
    names = ("T11", "T12", "L1", "L2", "L3", "L4", "L5")
    doubt = doubt_levels(bodies, Naming(names, 0.99, 1, (3,)))
    assert doubt is not None
    assert doubt.reason == "gap"
    assert "2.5 body heights between L2 and L3" in doubt.detail


def test_improbable_names_are_doubted_with_the_next_best() -> None:
    doubt = doubt_levels(spine(), Naming(SIX, 0.6, -1, ()))
    assert doubt is not None
    assert doubt.reason == "names_uncertain"
    assert "every name 1 higher" in doubt.detail


def test_weak_body_among_the_six_is_doubted() -> None:
    bodies = spine()
    bodies[2] = FoundBody(bodies[2].corners, 0.9, 0.05, np.empty(0))
    assert reason(doubt_levels(bodies, Naming(SIX, 0.99, 1, ()))) == "weak_body"


def test_body_of_another_size_is_doubted() -> None:
    bodies = spine()
    bodies[3] = body(56, 95, size=40)
    assert reason(doubt_levels(bodies, Naming(SIX, 0.99, 1, ()))) == "irregular_size"


def test_column_of_unsure_bodies_is_judged_without_an_error() -> None:
    unsure = [FoundBody(found.corners, 0.3, 0.3, np.empty(0)) for found in spine()]
    assert doubt_view(unsure, lateral=0.9) is None


def test_view_is_doubted_by_the_network_by_few_bodies_and_by_a_bent_column() -> None:
    assert reason(doubt_view(spine(), lateral=0.1)) == "not_lateral"
    assert reason(doubt_view(spine(2), lateral=0.9)) == "few_bodies"
    bent = [body(50, 20), body(50, 45), body(110, 50), body(50, 70), body(50, 95)]
    assert reason(doubt_view(bent, lateral=0.9)) == "no_column"
