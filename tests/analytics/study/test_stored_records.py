"""The JSON records of studies with one and with two arms against stored examples.

Scripts read these records, so further designs must not change them. Numbers are stored with nine
significant digits, as the last digits depend on the processor.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.study.agreement import agreement
from tests.analytics.rows import crossover

STORED = Path(__file__).parent / "stored"
ARMS = {"one_arm": {"guided": 0.2}, "two_arms": {"unguided": 0.5, "guided": 0.2}}


def rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [rounded(part) for part in value]
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    return value


def records_of(name: str) -> str:
    """Return the records of an example, one per line."""
    table = parse_csv(crossover(readers=3, cases=12, errors=ARMS[name]))
    bootstrap = Bootstrap.draw(len(table.patients), replicates=50, seed=1)
    analysis = agreement(
        table,
        weights=["linear"],
        outcomes=["aac24"],
        compare=("guided", "unguided") if name == "two_arms" else None,
        bootstrap=bootstrap,
        detail=True,
    )
    return "".join(f"{json.dumps(rounded(record))}\n" for record in analysis.records())


@pytest.mark.parametrize("name", ARMS)
def test_records_of_one_and_two_arms_equal_the_stored_ones(name: str) -> None:
    assert records_of(name) == (STORED / f"{name}.jsonl").read_text()
