"""Readers are named with their consent only, and described in groups of three or more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studies.reports.document.summary.profiles import ProfileSummary
from studies.reports.document.tables.profile_tables import FEWEST, merge_adjacent, profile_tables
from tests.reports.study import FACTS


def tables_of(*profiles: ProfileSummary):
    return list(profile_tables(replace(FACTS, profiles=profiles)))


def test_small_groups_are_merged_with_their_neighbours_until_none_is_below_three() -> None:
    rng = np.random.default_rng(3)
    for _ in range(500):
        counts = [(f"c{k}", int(n)) for k, n in enumerate(rng.integers(0, 6, rng.integers(1, 7)))]
        total = sum(count for _, count in counts)
        merged = merge_adjacent(counts)
        if total < FEWEST:
            assert merged == []
            continue
        assert sum(count for _, count in merged) == total
        assert min(count for _, count in merged) >= FEWEST
        names = [name for group, _ in merged for name in group.split(" or ")]
        assert names == [name for name, count in counts if count]


def test_two_readers_without_consent_are_not_described() -> None:
    one = ProfileSummary("", "radiologist", 4, 10)
    assert tables_of(one, one) == []
    (table,) = tables_of(one, one, replace(one, name="Ann Reader"))
    assert [row[0] for row in table.rows] == ["Ann Reader"]
    assert table.note == "Of 3 readers: 1 named, 2 not described."


def test_a_single_profession_is_merged_with_the_next_group() -> None:
    radiologist = ProfileSummary("", "radiologist", 10, None)
    student = ProfileSummary("", "student", 0, None)
    (table,) = tables_of(radiologist, radiologist, radiologist, student)
    assert table.rows[0] == ("Profession", "radiologist or student", "4")
    printed = " ".join(text for row in table.rows for text in row)
    assert "1" not in [row[-1] for row in table.rows]
    assert "AAC readings" not in printed


@pytest.mark.parametrize("count", [3, 8])
def test_named_readers_are_not_counted_in_the_groups(count: int) -> None:
    unnamed = ProfileSummary("", "radiologist", 5, 100)
    named = ProfileSummary("Zoe Named", "student", 1, 0)
    groups, names = tables_of(*[unnamed] * count, named)
    assert "student" not in str(groups.rows)
    assert "R1" not in str(names.rows)
    assert f"experience of {count} readers" in groups.caption
