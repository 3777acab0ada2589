"""What a person chose on the agreement page, from the address, and the readings it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from studies.analytics.coefficients.kappa import WEIGHTS, Weights
from studies.analytics.results import Agreement
from studies.analytics.table import ReadingTable
from studies.reports.document.plots.forest import pairs_by_kappa
from studies.reports.snapshot import Cut, agreement_of
from studies.reports.subset import Part

PAIR_MARK = "~"
FEWEST_READERS = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """Valid for its cut: whatever the address says otherwise falls back to the study's own."""

    outcome: str
    weights: Weights
    part: Part
    pair: tuple[str, str] | None

    @property
    def fields(self) -> Iterator[tuple[str, str]]:
        """The choice as the names and values of an address."""
        yield "outcome", self.outcome
        yield "weights", self.weights
        for name in ("arm", "site", "scanner"):
            if value := getattr(self.part, name):
                yield name, value
        for reader in self.part.readers:
            yield "reader", reader
        if self.pair:
            yield "pair", PAIR_MARK.join(self.pair)

    @property
    def query(self) -> str:
        return urlencode(list(self.fields))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A cut as far as it was chosen: the readings left and their agreement."""

    cut: Cut
    choice: Choice
    table: ReadingTable
    found: Agreement

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return sorted({pair for pairs in self.found.pairs.values() for pair in pairs})


def chosen_from(asked: QueryDict, cut: Cut) -> Chosen:
    outcome = asked.get("outcome", "")
    if outcome not in cut.table.outcomes:
        outcome = cut.facts.outcome
    weights = next(
        (each for each in WEIGHTS if each == asked.get("weights", "")),
        next(each for each in WEIGHTS if each == cut.facts.weights),
    )
    part = _part_from(asked, cut.table)
    table, found = agreement_of(cut, part)
    pair = _pair_from(asked, found, outcome, weights)
    return Chosen(cut, Choice(outcome, weights, part, pair), table, found)


def _part_from(asked: QueryDict, table: ReadingTable) -> Part:
    wanted = set(asked.getlist("reader"))
    readers = tuple(name for name in table.readers if name in wanted)
    if not FEWEST_READERS <= len(readers) < len(table.readers):
        readers = ()
    arms = table.arms if len(table.arms) > 1 else ()
    return Part(
        readers=readers,
        arm=_one_of(asked.get("arm", ""), arms),
        site=_one_of(asked.get("site", ""), table.case_site),
        scanner=_one_of(asked.get("scanner", ""), table.case_scanner),
    )


def _pair_from(
    asked: QueryDict, found: Agreement, outcome: str, weights: str
) -> tuple[str, str] | None:
    """The asked pair, or the one with the lowest kappa, as the report shows it."""
    marked = {PAIR_MARK.join(pair): pair for pairs in found.pairs.values() for pair in pairs}
    if asked.get("pair", "") in marked:
        return marked[asked["pair"]]
    lowest = pairs_by_kappa(found, outcome=outcome, weights=weights)
    return next(iter([*lowest, *marked.values()]), None)


def _one_of(value: str, known: tuple[str | None, ...]) -> str:
    return value if value in known else ""
