from __future__ import annotations

from dataclasses import replace

import pytest

from studies.analytics.study.agreement import agreement
from studies.analytics.study.subgroups import agreement_by_subgroup
from studies.analytics.study.subset import Subset, select_subset
from tests.reports.study import study


def two_sites():
    _, _, table, _ = study(readers=4, cases=24)
    names = tuple("A" if number % 2 else "B" for number in range(len(table.cases)))
    return replace(table, case_site=names)


def test_subset_of_a_site_gives_the_results_of_that_site() -> None:
    table = two_sites()
    subset = select_subset(table, Subset(site="A"))
    assert len(subset.cases) == 12
    assert len(subset.patients) == 12
    theirs = {
        result.key: result
        for part in agreement_by_subgroup(table, "site")
        for result in part.results
        if result.subgroup == ("site", "A")
    }
    mine = {result.key: result for result in agreement(subset).results}
    assert mine.keys() == theirs.keys()
    for key, result in mine.items():
        assert result.estimate.n == theirs[key].estimate.n
        for name in ("value", "se", "ci"):
            expected = pytest.approx(getattr(theirs[key].estimate, name), abs=1e-12)
            assert getattr(result.estimate, name) == expected, key


def test_subset_of_two_readers_has_one_pair_with_the_same_kappa() -> None:
    table = two_sites()
    results = agreement(select_subset(table, Subset(readers=("R2", "R4"))))
    assert set(results.pairs.values()) == {(("R2", "R4"),)}
    whole = agreement(table, outcomes=["L2"], weights=["linear"])
    for arm in ("unguided", "guided"):
        of = {"outcome": "L2", "weights": "linear", "arm": arm, "readers": ("R2", "R4")}
        assert results.get("cohen_kappa", **of).estimate == whole.get("cohen_kappa", **of).estimate


def test_subset_of_one_arm_has_no_comparison() -> None:
    results = agreement(select_subset(two_sites(), Subset(arm="guided")))
    assert results.arms == ("guided",)
    assert results.compared is None


def test_unrestricted_subset_is_the_table_itself_and_no_match_is_an_empty_table() -> None:
    table = two_sites()
    assert select_subset(table, Subset()) is table
    empty = select_subset(table, Subset(scanner="no such"))
    assert (len(empty), empty.readers, empty.arms) == (0, (), ())
    assert agreement(empty).results == ()
