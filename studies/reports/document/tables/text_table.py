"""A table whose cells are texts, as page, PDF and workbook show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RowSubject:
    """What a row of a table is about, so that a page can link to the cases behind it."""

    outcome: str
    weights: str
    readers: tuple[str, ...] = ()
    arm: str | None = None


@dataclass(frozen=True)
class TextTable:
    """A table ready for typesetting.

    Parameters
    ----------
    title
        Short title, used as a heading on the page.
    caption
        Understandable without the text: statistic, readers, weights, intervals.
    header, rows
        Texts; the first ``text_columns`` columns are left-aligned, the others hold numbers.
    strong
        Indices of the rows set in bold.
    note
        Footnote that explains marks and missing values.
    method
        Footnote on how the estimates were computed, from the results themselves.
    subjects
        What each row is about; empty if the table has no cases behind its rows.
    """

    title: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: int = 1
    strong: tuple[int, ...] = ()
    note: str = ""
    method: str = ""
    subjects: tuple[RowSubject, ...] = ()
