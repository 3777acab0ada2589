"""Tables of the readers' experience, which single out no reader who did not consent to be named.

Readers with consent are listed by name, without their labels in the study. The others are counted
in groups of three or more: smaller groups are merged, and fewer than three readers are not
described at all. The two tables have no reader in common, so nothing follows from their difference.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from studies.formats.numbers import NO_VALUE
from studies.reports.document.formatting import counted
from studies.reports.document.summary.profiles import ProfileSummary
from studies.reports.document.summary.study import StudySummary
from studies.reports.document.tables.text_table import TextTable

FEWEST: Final = 3
"""Smallest group of readers that is described."""
YEARS: Final = ((2, "0–2"), (5, "3–5"), (10, "6–10"), (None, "over 10"))
AAC_READINGS: Final = ((0, "none"), (100, "1–100"), (1000, "101–1,000"), (None, "over 1,000"))

Counts = list[tuple[str, int]]
Classes = tuple[tuple[int | None, str], ...]


def profile_tables(summary: StudySummary) -> Iterator[TextTable]:
    """Yield the table of readers in groups, and that of named readers, where there are any."""
    unnamed = [profile for profile in summary.profiles if not profile.name]
    named = [profile for profile in summary.profiles if profile.name]
    rows = list(_group_rows(unnamed)) if len(unnamed) >= FEWEST else []
    if rows:
        yield TextTable(
            title="Experience of readers",
            caption=(
                f"Profession and experience of {counted(len(unnamed), 'reader')} who "
                "are not named. Groups of fewer than three readers were merged or left out."
            ),
            header=("Characteristic", "Group", "Readers"),
            rows=tuple(rows),
            text_columns=2,
            note=_note(len(summary.readers), len(unnamed), len(named)),
        )
    if named:
        yield TextTable(
            title="Named readers",
            caption="Readers who consented to be named, in alphabetical order.",
            header=("Name", "Profession", "Years of experience", "AAC readings before the study"),
            rows=tuple(map(_named_row, named)),
            text_columns=2,
            note="" if rows else _note(len(summary.readers), 0, len(named)),
        )


def merge_adjacent(counts: Counts) -> Counts:
    """Return groups of ordered classes, merged with their neighbours until each has three.

    Empty classes are left out. With fewer than three readers in all, nothing is returned.

    Examples
    --------
    >>> merge_adjacent([("0–2", 1), ("3–5", 3), ("6–10", 4), ("over 10", 1)])
    [('0–2 or 3–5', 4), ('6–10 or over 10', 5)]
    """
    groups: list[tuple[list[str], int]] = []
    names: list[str] = []
    total = 0
    for name, count in counts:
        if not count:
            continue
        names, total = [*names, name], total + count
        if total >= FEWEST:
            groups.append((names, total))
            names, total = [], 0
    if names and groups:
        # The rest joins the last group.
        last, count = groups.pop()
        groups.append(([*last, *names], count + total))
    return [(" or ".join(names), count) for names, count in groups]


def _group_rows(profiles: Sequence[ProfileSummary]) -> Iterator[tuple[str, str, str]]:
    professions = Counter(profile.profession for profile in profiles if profile.profession)
    # The largest group first, so that the smallest ones are merged with each other.
    yield from _rows("Profession", merge_adjacent(professions.most_common()))
    for name, classes, values in (
        ("Years of experience", YEARS, [profile.years for profile in profiles]),
        ("AAC readings before the study", AAC_READINGS,
         [profile.aac_readings for profile in profiles]),
    ):  # fmt: skip
        numbers = [value for value in values if value is not None]
        groups = merge_adjacent(_classified(numbers, classes))
        # A single group that has all readers is not informative.
        yield from _rows(name, groups if len(groups) > 1 else [])
        if len(numbers) >= FEWEST:
            yield f"{name}, median", "", f"{statistics.median(numbers):,.0f}"


def _classified(numbers: Sequence[int], classes: Classes) -> Counts:
    counts = dict.fromkeys((name for _, name in classes), 0)
    for number in numbers:
        counts[next(name for limit, name in classes if limit is None or number <= limit)] += 1
    return list(counts.items())


def _rows(name: str, counts: Counts) -> Iterator[tuple[str, str, str]]:
    for number, (group, count) in enumerate(counts):
        yield "" if number else name, group, str(count)


def _named_row(profile: ProfileSummary) -> tuple[str, ...]:
    numbers = (profile.years, profile.aac_readings)
    return (
        profile.name,
        profile.profession or NO_VALUE,
        *(NO_VALUE if number is None else f"{number:,}" for number in numbers),
    )


def _note(readers: int, grouped: int, named: int) -> str:
    rest = readers - grouped - named
    parts = [f"{grouped} described in groups"] if grouped else []
    parts += [f"{named} named"] if named else []
    parts += [f"{rest} not described"] if rest > 0 else []
    return f"Of {counted(readers, 'reader')}: {', '.join(parts)}."
