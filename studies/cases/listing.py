"""The list of a study's cases: its filters, its pages and the position of a case in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.db.models.functions import Coalesce, Length

from studies.cases.filters import (
    AORTA_VERDICTS,
    UNFINISHED,
    site_condition,
    state_condition,
    text_condition,
)
from studies.cases.models import Case
from studies.cases.querysets import CaseQuerySet

PAGE_SIZE = 60
STATES = {
    "uncertain": "level labelling uncertain",
    "unconfirmed": "corners not confirmed",
    **AORTA_VERDICTS,
    **dict(Case.State.choices),
    "released": "released, not yet assigned",
}
ORDERS = {
    "": "Case number",
    "newest": "Newest first",
    "useful": "Most useful to correct first",
}
NO_GAIN = -1.0
"""Below every expected gain: cases without one, such as corrected ones, come last."""


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """Filters and order of a list of cases, as its address holds them."""

    state: str = ""
    site: str = ""
    q: str = ""
    order: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> CaseFilters:
        """Read the filters from the parameters of a request; unknown values count as none."""
        state, site, text, order = (str(query.get(name, "")) for name in cls.__slots__)
        return cls(state if state in STATES else "", site, text, order if order in ORDERS else "")

    def to_query(self, **parameters: object) -> str:
        """Return the query string with its question mark; empty when everything has its default."""
        given = {name: value for name, value in (asdict(self) | parameters).items() if value}
        return f"?{urlencode(given)}" if given else ""

    @property
    def active(self) -> bool:
        """Return whether a filter is set."""
        return bool(self.state or self.site or self.q)

    def apply(self, cases: CaseQuerySet) -> CaseQuerySet:
        """Return the cases that match the filters."""
        return cases.matching(state=self.state, site=self.site, text=self.q)

    def sort(self, cases: CaseQuerySet, *, backwards: bool = False) -> CaseQuerySet:
        """Return the cases by number, the newest first, or by the gain of correcting them."""
        # By length first, so that C9999 comes before C10000.
        sign = "-" if (self.order == "newest") != backwards else ""
        names = [f"{sign}length", f"{sign}label"]
        if self.order == "useful":
            names.insert(0, "gain" if backwards else "-gain")
        ordered: CaseQuerySet = self._with_keys(cases).order_by(*names)
        return ordered

    def after(self, cases: CaseQuerySet, case: Case, *, backwards: bool = False) -> CaseQuerySet:
        """Return the cases that follow this one in the list, or those before it."""
        # The comparison of sort(), written as a condition, so that no list has to be read for
        # neighbours.
        lookup = "lt" if (self.order == "newest") != backwards else "gt"
        length = len(case.label)
        longer = Q(**{f"length__{lookup}": length})
        following = longer | Q(length=length, **{f"label__{lookup}": case.label})
        if self.order == "useful":
            gain = _gain_of(case)
            less = Q(**{f"gain__{'gt' if backwards else 'lt'}": gain})
            following = less | Q(following, gain=gain)
        rows: CaseQuerySet = self._with_keys(cases).filter(following)
        return rows

    def _with_keys(self, cases: CaseQuerySet) -> CaseQuerySet:
        keys: dict[str, Any] = {"length": Length("label")}
        if self.order == "useful":
            keys["gain"] = Coalesce("landmark_set__expected_gain", NO_GAIN)
        keyed: CaseQuerySet = cases.alias(**keys)
        return keyed


def _gain_of(case: Case) -> float:
    gain = case.landmark_set.expected_gain if case.landmark_set else None
    return NO_GAIN if gain is None else gain


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """Numbers of cases: all, unfinished, shown, and per option of each filter."""

    total: int
    waiting: int
    shown: int
    states: dict[str, int]
    sites: dict[str, int]


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of the list."""

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
class CasePosition:
    """The position of a case in a list, counted from 1, and its neighbours."""

    number: int
    total: int
    previous: Case | None
    next: Case | None
    list_query: str


def count_cases(cases: CaseQuerySet, filters: CaseFilters, sites: list[str]) -> CaseCounts:
    """Count, in one query, the cases that each option of the filters would show.

    Parameters
    ----------
    cases
        The cases that the coordinator may see.
    filters
        The filters that are set. Options of one filter are counted with the others applied.
    sites
        Codes of the sites that the site filter offers.
    """
    state, site, text = (
        state_condition(filters.state),
        site_condition(filters.site),
        text_condition(filters.q),
    )
    conditions = {
        "total": Q(),
        "waiting": UNFINISHED,
        "shown": state & site & text,
        **{f"state_{name}": state_condition(name) & site & text for name in STATES},
        **{f"site_{n}": site_condition(code) & state & text for n, code in enumerate(sites)},
    }
    # One query: the page shows the count beside every option of every filter.
    numbers = cases.aggregate(
        **{name: Count("pk", filter=condition or None) for name, condition in conditions.items()}
    )
    return CaseCounts(
        total=numbers["total"],
        waiting=numbers["waiting"],
        shown=numbers["shown"],
        states={name: numbers[f"state_{name}"] for name in STATES},
        sites={code: numbers[f"site_{n}"] for n, code in enumerate(sites)},
    )


def read_case_page(cases: CaseQuerySet, filters: CaseFilters, page: str, shown: int) -> CasePage:
    """Return one page of the list: the last one for a number out of range, else the first.

    Parameters
    ----------
    page
        The number of the page, counted from 1, as the address holds it.
    shown
        How many cases match the filters.
    """
    # Sort and cut the keys alone first, so that the database never sorts whole rows.
    in_order = filters.sort(filters.apply(cases)).values_list("pk", flat=True)
    paginator = Paginator(in_order, PAGE_SIZE)
    # Already counted with the options of the filters.
    paginator.count = shown
    selected = paginator.get_page(page)
    keys = list(selected.object_list)
    rows = cases.filter(pk__in=keys).listed().defer_measurements().in_bulk()
    page_cases = [rows[key] for key in keys if key in rows]
    return CasePage(page_cases, selected.number, paginator.num_pages, filters)


def find_case_position(cases: CaseQuerySet, filters: CaseFilters, case: Case) -> CasePosition:
    """Return a case's position and neighbours in a list.

    The case itself may no longer match the filters, for example after a decision about it.
    """
    matching = filters.apply(cases)
    before = filters.after(matching, case, backwards=True)
    position = before.count() + 1
    page = (position - 1) // PAGE_SIZE + 1
    names = ("pk", "label")
    return CasePosition(
        number=position,
        total=matching.count(),
        # Sorted backwards, so that the nearest of all preceding cases is the first row.
        previous=filters.sort(before, backwards=True).only(*names).first(),
        next=filters.sort(filters.after(matching, case)).only(*names).first(),
        list_query=filters.to_query(page=page if page > 1 else ""),
    )
