"""A table whose cells are texts, as page, PDF and workbook show it."""

from __future__ import annotations

from dataclasses import dataclass


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
    """

    title: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: int = 1
    strong: tuple[int, ...] = ()
    note: str = ""
    method: str = ""
