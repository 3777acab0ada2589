"""Pages of a list of rows, by the number in an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

PAGE_SIZE: Final = 20


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list; ``count`` is the number of rows on all pages together."""

    rows: list[Any]
    count: int
    number: int
    pages: int

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.pages else None


def read_page(rows: QuerySet[Any], page: str, *, size: int = PAGE_SIZE) -> ListPage:
    """Return one page; for a page that does not exist, the nearest one.

    Parameters
    ----------
    page
        Number of the page, counted from 1, as given in the address.
    """
    count = rows.count()
    pages = max(1, -(-count // size))
    # Longer numbers count as none: int() raises an error for thousands of digits (Python 3.11).
    number = min(max(1, int(page)), pages) if page.isdecimal() and len(page) < 8 else 1
    return ListPage(list(rows[(number - 1) * size : number * size]), count, number, pages)
