"""How intervals are written: cut in print at what their statistic can be, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

from studies.analytics.estimate import Estimate, Status, undefined
from studies.analytics.result import Result
from studies.analytics.results import Agreement
from studies.reports.document.additional_statistics import coefficient_table
from studies.reports.document.formatting import kappa_text, number_text
from studies.reports.document.tables.agreement_notes import footnote
from studies.reports.document.tables.agreement_tables import weights_table

WIDE = Estimate(0.9, 0.3, (0.3, 1.5), 20)
PAIR = ("R1", "R2")


def results(*results: Result) -> Agreement:
    arms = ("unguided", "guided")
    return Agreement(results, arms, ("guided", "unguided"), dict.fromkeys(arms, (PAIR,)))


def test_printed_interval_is_truncated_at_one_for_kappa_and_at_two_for_a_difference() -> None:
    estimates = results(
        Result("light_kappa", "none", "cells", "guided", PAIR, WIDE),
        Result("mean_kappa_difference", "none", "cells", "guided-unguided", PAIR, WIDE),
    )
    row = weights_table(estimates, outcome="cells").rows[0]
    assert row[-2] == "0.90 (0.30 to 1.00)"
    assert row[-1] == "0.90 (0.30 to 1.50)"


def test_t_interval_beyond_one_is_truncated_in_the_coefficient_table() -> None:
    estimates = results(Result("gwet_ac", "linear", "cells", "guided", PAIR, WIDE))
    rows = coefficient_table(estimates, outcome="cells", weights="linear").rows
    assert rows == (("Gwet’s AC", "–", "0.90 (0.30 to 1.00)"),)


def test_record_has_the_interval_as_computed() -> None:
    result = Result("cohen_kappa", "none", "cells", "guided", PAIR, WIDE)
    assert result.record()["ci"] == [0.3, 1.5]
    assert kappa_text(result.estimate) == "0.90 (0.30 to 1.00)"


def test_other_intervals_are_not_truncated() -> None:
    assert number_text(WIDE) == "0.90 (0.30 to 1.50)"


def test_footnote_explains_the_marks_by_the_status_of_the_estimates() -> None:
    known = Estimate(0.5, 0.1, (0.3, 0.7), 20)
    compared = results()
    one_score = replace(known, value=0.0, status=Status.ONE_SCORE)
    some = replace(known, status=Status.SOME_PAIRS)
    assert footnote([known, known], compared) == ""
    assert footnote([known, None], compared).startswith("–: not read in this arm")
    assert footnote([undefined(0, "no pair")], compared).startswith("Undefined: the reasons")
    assert footnote([one_score], compared).startswith("One score only: ")
    assert footnote([known, some], compared).startswith("* The mean includes pairs")
    # Without a comparison of arms there is no difference to explain.
    alone = replace(compared, compared=None)
    assert footnote([known, None], alone) == "–: not read in this arm."
