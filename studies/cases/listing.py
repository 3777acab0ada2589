"""One page of a study's cases: filters, order and page as they stand in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.db.models.functions import Length

from studies.cases.filters import AORTA_VERDICTS, UNFINISHED, at_site, in_state, with_words
from studies.cases.models import Case
from studies.cases.querysets import CaseQuerySet

PAGE_SIZE = 60
STATES = {
    "uncertain": "level labelling uncertain",
    **AORTA_VERDICTS,
    **dict(Case.State.choices),
    "released": "released, not yet assigned",
}
ORDERS = {"": "Case number", "newest": "Newest first"}


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """What a person chose for a list of cases; ``to_query`` is the address that shows it."""

    state: str = ""
    site: str = ""
    q: str = ""
    order: str = ""

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> CaseFilters:
        state, site, words, order = (str(query.get(name, "")) for name in cls.__slots__)
        return cls(state if state in STATES else "", site, words, order if order in ORDERS else "")

    def to_query(self, **more: object) -> str:
        """The query string with its question mark; empty where everything has its default."""
        chosen = {name: value for name, value in (asdict(self) | more).items() if value}
        return f"?{urlencode(chosen)}" if chosen else ""

    @property
    def narrowed(self) -> bool:
        return bool(self.state or self.site or self.q)

    def apply(self, cases: CaseQuerySet) -> CaseQuerySet:
        return cases.matching(state=self.state, site=self.site, words=self.q)

    def sort(self, cases: CaseQuerySet, *, backwards: bool = False) -> CaseQuerySet:
        """In the order of the labels' numbers (C9999 before C10000), or the newest first."""
        sign = "-" if (self.order == "newest") != backwards else ""
        return cases.alias(length=Length("label")).order_by(f"{sign}length", f"{sign}label")

    def after(self, cases: CaseQuerySet, case: Case, *, backwards: bool = False) -> CaseQuerySet:
        """The cases that come after this one in the list, or before it."""
        way = "lt" if (self.order == "newest") != backwards else "gt"
        length = len(case.label)
        later = Q(**{f"length__{way}": length}) | Q(length=length, **{f"label__{way}": case.label})
        return cases.alias(length=Length("label")).filter(later)


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """How many cases there are, and how many each choice of a filter would show."""

    total: int
    waiting: int
    shown: int
    states: dict[str, int]
    sites: dict[str, int]


@dataclass(frozen=True, slots=True)
class CasePage:
    cases: list[Any]
    number: int
    pages: int
    filters: CaseFilters

    @property
    def previous_query(self) -> str | None:
        return self._query(self.number - 1) if self.number > 1 else None

    @property
    def next_query(self) -> str | None:
        return self._query(self.number + 1) if self.number < self.pages else None

    @property
    def first_position(self) -> int:
        return (self.number - 1) * PAGE_SIZE + 1

    @property
    def last_position(self) -> int:
        return self.first_position - 1 + len(self.cases)

    def _query(self, number: int) -> str:
        return self.filters.to_query(page=number if number > 1 else "") or "?"


@dataclass(frozen=True, slots=True)
class CasePlace:
    """Where a case stands in a list, and the cases beside it."""

    position: int
    total: int
    previous: Case | None
    next: Case | None
    list_query: str


def count_cases(cases: CaseQuerySet, filters: CaseFilters, sites: list[str]) -> CaseCounts:
    """Count in one query what the filters of a list show beside each choice."""
    state, site, words = in_state(filters.state), at_site(filters.site), with_words(filters.q)
    wanted = {
        "total": Q(),
        "waiting": UNFINISHED,
        "shown": state & site & words,
        **{f"state_{name}": in_state(name) & site & words for name in STATES},
        **{f"site_{n}": at_site(code) & state & words for n, code in enumerate(sites)},
    }
    numbers = cases.aggregate(
        **{name: Count("pk", filter=condition or None) for name, condition in wanted.items()}
    )
    return CaseCounts(
        total=numbers["total"],
        waiting=numbers["waiting"],
        shown=numbers["shown"],
        states={name: numbers[f"state_{name}"] for name in STATES},
        sites={code: numbers[f"site_{n}"] for n, code in enumerate(sites)},
    )


def case_page(cases: CaseQuerySet, filters: CaseFilters, page: str, shown: int) -> CasePage:
    """Read one page of the list; a page that does not exist is the nearest that does.

    The keys are sorted first, so that the database never sorts whole rows.
    """
    pages = max(1, -(-shown // PAGE_SIZE))
    number = min(max(1, int(page)), pages) if page.isdecimal() and len(page) < 8 else 1
    start = (number - 1) * PAGE_SIZE
    in_order = filters.sort(filters.apply(cases)).values_list("pk", flat=True)
    keys = list(in_order[start : start + PAGE_SIZE])
    rows = cases.filter(pk__in=keys).listed().without_measures().in_bulk()
    return CasePage([rows[key] for key in keys if key in rows], number, pages, filters)


def case_place(cases: CaseQuerySet, filters: CaseFilters, case: Case) -> CasePlace:
    """Find a case's neighbours in a list; it need not be in the list any longer itself."""
    matching = filters.apply(cases)
    before = filters.after(matching, case, backwards=True)
    position = before.count() + 1
    page = (position - 1) // PAGE_SIZE + 1
    names = ("pk", "label")
    return CasePlace(
        position=position,
        total=matching.count(),
        previous=filters.sort(before, backwards=True).only(*names).first(),
        next=filters.sort(filters.after(matching, case)).only(*names).first(),
        list_query=filters.to_query(page=page if page > 1 else ""),
    )
