"""Small, unbalanced and constant studies: every result has a value or a reason."""

from __future__ import annotations

import json

import numpy as np
import pytest

from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.study.agreement import agreement
from studies.analytics.study.reference import with_reference
from studies.analytics.study.subgroups import agreement_by_subgroup

HEADER = (
    "reader,case,patient,arm,period,replicate,position,level,wall,score,validity,active_ms,"
    "case_site"
)
WITHOUT_INTERVAL = {
    "observed_agreement",
    "expected_agreement",
    "stuart_maxwell",
    "mcnemar",
    "hotelling_t2",
}

SEEDS = [*range(6), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(6, 16))]


def small_study(rng: np.random.Generator) -> str:
    readers, cases, kind = rng.integers(1, 5), rng.integers(1, 8), rng.integers(5)
    arms = (["guided", "unguided"], ["guided"], [""])[rng.integers(3)]
    lines = [HEADER, "R0,C0,P0,guided,1,1,0,L1,anterior,1,,1000,A"]
    readings = [
        (arm, reader, case, replicate)
        for arm in arms
        for reader in range(readers)
        for case in range(cases)
        for replicate in (1, 2)
        if (arm, reader, case) != ("guided", 0, 0)
        and rng.random() > (0.15 if replicate == 1 else 0.6)
    ]
    for arm, reader, case, replicate in readings:
        for level in range(1, 5):
            for wall in ("anterior", "posterior"):
                score = (1, rng.integers(4), case % 4, rng.integers(2), (case + reader) % 4)[kind]
                lost = rng.random() < 0.05
                lines.append(
                    f"R{reader},C{case},P{case // 2},{arm},{1 + (case + reader) % 2},{replicate},"
                    f"{case},L{level},{wall},{'' if lost else score},{4 if lost else ''},"
                    f"{1000 * rng.integers(9)},{'AB'[case % 2]}"
                )
    return "\n".join(lines)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seed", SEEDS)
def test_every_record_has_a_value_or_a_reason(seed: int) -> None:
    table = parse_csv(small_study(np.random.default_rng(seed)))
    bootstrap = Bootstrap.draw(len(table.patients), replicates=100, seed=1)
    reference = {case: [0, 1, 2, 3, 0, 1, None, 3] for case in table.cases[::2]}
    table = with_reference(table, reference)
    records = agreement(table, detail=True, bootstrap=bootstrap).records()
    for part in agreement_by_subgroup(table, "site", detail=True):
        records += part.records()
    json.dumps(records, allow_nan=False)
    for record in records:
        assert record["value"] is not None or record["note"], record
        if record["ci"] is None and record["statistic"] not in WITHOUT_INTERVAL:
            assert record["note"], record
