from __future__ import annotations

from studies.analytics.resampling.patient_bootstrap import Bootstrap
from studies.analytics.study.agreement import agreement
from studies.reports.bootstrap_intervals import Interval, bootstrap_intervals
from tests.reports.study import study


def test_blocks_give_what_one_draw_gives() -> None:
    _, _, table, found = study(cases=25)
    steps: list[int] = []
    mine = bootstrap_intervals(
        table, found, outcome="cells", weights="linear", seed=7, resamples=500,
        progress=steps.append,
    )  # fmt: skip
    whole = agreement(
        table,
        outcomes=["cells"],
        weights=["linear"],
        bootstrap=Bootstrap.draw(len(table.patients), replicates=500, seed=7),
    )
    assert steps == [200, 200, 100]
    for each in mine:
        theirs = next(whole.find(each.statistic, arm=each.arm, readers=each.readers))
        assert list(each.percentile or ()) == theirs.more["ci_bootstrap"], each
        assert list(each.bca or ()) == theirs.more["ci_bca"]
        assert list(each.readers_too or ()) == (theirs.more.get("ci_bootstrap_readers") or [])
        assert each.resamples == theirs.more["bootstrap_replicates"]
    assert {each.statistic for each in mine} == {
        "mean_kappa_difference", "light_kappa", "kappa_difference", "cohen_kappa",
    }  # fmt: skip
    assert mine[0].statistic == "mean_kappa_difference"
    assert Interval.from_record(mine[0].record()) == mine[0]


def test_kappa_that_is_undefined_has_no_interval() -> None:
    _, _, table, found = study(readers=2, cases=6, unreadable=0.0)
    for each in bootstrap_intervals(
        table, found, outcome="readable", weights="none", seed=1, resamples=50
    ):
        assert (each.value, each.percentile, each.bca) == (None, None, None)
        assert each.note
