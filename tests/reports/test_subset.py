from __future__ import annotations

from dataclasses import replace

import pytest

from studies.analytics.study.agreement import agreement
from studies.analytics.study.by_site import by_subgroup
from studies.reports.subset import Part, part_of
from tests.reports.study import study


def two_sites():
    _, _, table, _ = study(readers=4, cases=24)
    names = tuple("A" if place % 2 else "B" for place in range(len(table.cases)))
    return replace(table, case_site=names)


def test_part_of_a_site_gives_the_numbers_of_that_site() -> None:
    table = two_sites()
    part = part_of(table, Part(site="A"))
    assert len(part.cases) == 12
    assert len(part.patients) == 12
    theirs = {
        each.key: each for each in by_subgroup(table, "site") if each.subgroup == ("site", "A")
    }
    mine = {each.key: each for each in agreement(part).results}
    assert mine.keys() == theirs.keys()
    for key, result in mine.items():
        assert result.estimate.n == theirs[key].estimate.n
        for name in ("value", "se", "ci"):
            expected = pytest.approx(getattr(theirs[key].estimate, name), abs=1e-12)
            assert getattr(result.estimate, name) == expected, key


def test_part_of_two_readers_has_one_pair_with_the_same_kappa() -> None:
    table = two_sites()
    found = agreement(part_of(table, Part(readers=("R2", "R4"))))
    assert set(found.pairs.values()) == {(("R2", "R4"),)}
    whole = agreement(table, outcomes=["L2"], weights=["linear"])
    for arm in ("unguided", "guided"):
        of = {"outcome": "L2", "weights": "linear", "arm": arm, "readers": ("R2", "R4")}
        assert found.get("cohen_kappa", **of).estimate == whole.get("cohen_kappa", **of).estimate


def test_part_of_one_arm_compares_nothing() -> None:
    found = agreement(part_of(two_sites(), Part(arm="guided")))
    assert found.arms == ("guided",)
    assert found.compared is None


def test_whole_is_the_table_itself_and_nothing_is_an_empty_table() -> None:
    table = two_sites()
    assert part_of(table, Part()) is table
    empty = part_of(table, Part(scanner="no such"))
    assert (len(empty), empty.readers, empty.arms) == (0, (), ())
    assert agreement(empty).results == ()
