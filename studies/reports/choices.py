"""What a person chose on the agreement page: outcome, weights, arm and pair, from the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from studies.analytics.kappa import WEIGHTS, Weights
from studies.reports.cut import Cut

PAIR_MARK = "~"


@dataclass(frozen=True, slots=True)
class Choice:
    """Valid for its cut: whatever the address says otherwise falls back to the study's own."""

    outcome: str
    weights: Weights
    arm: str | None
    pair: tuple[str, str] | None

    @property
    def query(self) -> str:
        return urlencode(
            {
                "outcome": self.outcome,
                "weights": self.weights,
                "arm": self.arm or "",
                "pair": PAIR_MARK.join(self.pair or ()),
            }
        )


def choice_from(asked: Mapping[str, str], cut: Cut) -> Choice:
    outcome = asked.get("outcome", "")
    if outcome not in cut.table.outcomes:
        outcome = cut.facts.outcome
    wanted = asked.get("weights", "")
    weights = next(
        (each for each in WEIGHTS if each == wanted),
        next(each for each in WEIGHTS if each == cut.facts.weights),
    )
    arms = {arm or "": arm for arm in cut.found.arms}
    arm = arms.get(asked.get("arm", ""), cut.found.arms[-1])
    pairs = cut.found.pairs[arm]
    marked = {PAIR_MARK.join(pair): pair for pair in pairs}
    pair = marked.get(asked.get("pair", ""), pairs[0] if pairs else None)
    return Choice(outcome, weights, arm, pair)
