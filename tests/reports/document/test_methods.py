from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from studies.analytics.study.agreement import agreement
from studies.reports.document.methods.analysis import outcomes
from studies.reports.document.methods.design import design, sampling
from studies.reports.document.methods.paragraphs import methods
from studies.reports.document.summary.conduct import BatchSummary
from studies.reports.document.summary.study import SiteSummary
from studies.reports.document.tables.conduct_tables import batches_table, deviations
from studies.reports.document.tables.study_tables import study_characteristics
from studies.reports.files.tidy_columns import COLUMNS
from tests.reports.study import study

AAC8_UNIT = "mean boundary-to-boundary height of L1 to L4"


def test_sites_are_those_of_the_readers_not_of_the_scanners() -> None:
    _, summary, table, _ = study()
    more = replace(summary, sites=(*summary.sites, SiteSummary("C", "Oslo")))
    results = agreement(table, detail=True)
    assert "at 2 sites" in dict(methods(more, table, results))["Study design"]


def test_images_that_were_not_assigned_are_counted() -> None:
    _, summary, table, _ = study()
    results = agreement(table, detail=True)
    paragraphs = " ".join(text for _, text in methods(summary, table, results))
    assert "Of 33 uploaded images, 3 were not assigned to readers" in paragraphs
    whole = replace(summary, cases_excluded=())
    paragraphs = " ".join(text for _, text in methods(whole, table, results))
    assert "All uploaded images were assigned to readers." in paragraphs


def test_rationale_of_a_single_arm_does_not_mention_a_comparison() -> None:
    _, summary, table, results = study()
    assert "investigates whether" in dict(methods(summary, table, results))["Background"]
    single = replace(summary, arms=("unguided",))
    assert "Guides" not in dict(methods(single, table, results))["Background"]


def test_rationale_names_what_differs_between_the_arms() -> None:
    _, summary, table, results = study()
    cases = {
        ("unguided", "guided"): (True, False),
        ("unguided", "measured"): (False, True),
        ("guided", "guided measured"): (False, True),
        ("unguided", "guided measured"): (True, True),
    }
    for arms, expected in cases.items():
        compared = replace(summary, arms=arms)
        text = dict(methods(compared, table, results))["Background"]
        assert ("Guides that mark" in text, "Measuring the traced" in text) == expected, arms


def test_crossover_without_repeats_does_not_claim_that_cases_were_read_once() -> None:
    _, summary, table, results = study()
    sampling = dict(methods(summary, table, results))["Cases and repeated readings"]
    assert sampling.endswith("There were no hidden repeat readings.")


def test_entered_and_measured_aac8_have_the_same_unit() -> None:
    _, summary, table, results = study()
    arms = ("measured", "guided measured")
    texts = dict(methods(replace(summary, aac8=True, arms=arms), table, results))
    assert AAC8_UNIT in texts["Images and scoring"]
    assert AAC8_UNIT in texts["Measured reading"]
    assert AAC8_UNIT in COLUMNS["score"]


def test_design_is_described_as_it_was() -> None:
    _, summary, table, results = study()

    def described(**changes: object) -> str:
        changed = replace(summary, **changes)  # type: ignore[arg-type]
        return dict(methods(changed, table, results))["Study design"]

    three = ("unguided", "guided", "measured")
    assert described(design="crossover").startswith("Crossover study: the same readers read each")
    assert "sequences of a Williams design" in described(design="crossover", arms=three)
    parallel = described(design="parallel", arms=three)
    assert parallel.startswith("Parallel-group study: each reader read in one of 3 arms")
    assert "readers per case and arm" in parallel
    assert "washout" not in parallel
    assert described(design="single_arm", arms=("guided",)).startswith("Single-arm study")


def test_sequential_study_states_what_cannot_be_estimated() -> None:
    _, summary, table, _ = study()
    text = design(replace(summary, design="sequential"))
    assert text.startswith("Sequential study: each reader read a case unguided")
    assert "without a washout" in text
    assert "Effects of the order of the arms and of period are not estimable" in text
    assert "started with the grades of the first" in text
    measured = replace(summary, design="sequential", arms=("unguided", "guided measured"))
    assert "started without grades, because grades follow from the traces" in design(measured)
    rows = dict(study_characteristics(replace(summary, design="sequential"), table))
    assert rows["Design"] == "sequential; effects of order and period not estimable"


def test_methods_name_the_primary_contrast_of_three_arms_and_the_adjustment() -> None:
    _, summary, _, _ = study()
    three = replace(
        summary,
        arms=("unguided", "guided", "measured"),
        design="crossover",
        contrast=("guided", "unguided"),
    )
    text = outcomes(three)
    assert "the difference, guided minus unguided, in Cohen’s" in text
    assert "named in the study design before cases were assigned" in text
    assert "adjusted by Holm’s method" in text
    assert "a rule of the software" in outcomes(replace(three, contrast=None))


def test_origin_of_the_guides_is_stated_for_each_arm() -> None:
    _, summary, table, results = study()
    arms = ("unguided", "guided", "guided corrected")
    compared = replace(summary, arms=arms, corners_confirmed=(4, 1))
    text = dict(methods(compared, table, results))
    paragraphs = " ".join(text.values())
    assert (
        "those of 4 cases were corrected, and those of 1 case were confirmed without changes"
    ) in paragraphs
    assert "In the guided arm, the guides were those of the network without corrections" in (
        paragraphs
    )
    assert "read each case unguided; guided; guided with corrected landmarks" in paragraphs
    assert "Correcting the landmarks" in text["Background"]
    without = dict(methods(replace(summary, arms=("unguided", "guided")), table, results))
    assert "corrected landmarks" not in " ".join(without.values())


def test_batches_are_named_with_their_dates_and_kinds() -> None:
    _, summary, _, _ = study()
    assert "batch" not in design(summary)
    at = datetime(2026, 10, 1, 9, tzinfo=UTC)
    batches = (
        BatchSummary(1, "first", at, 25, 150),
        BatchSummary(2, "late", at + timedelta(days=20), 5, 30),
        BatchSummary(3, "reassignment", at + timedelta(days=33), 1, 2),
    )
    assert "All cases were assigned in one batch on 1 Oct 2026." in design(
        replace(summary, batches=batches[:1])
    )
    assert (
        "The cases were assigned in 3 batches from 1 Oct 2026 to 3 Nov 2026: 25 cases in the "
        "first, 5 cases that became ready later and 1 case reassigned from deactivated readers."
    ) in design(replace(summary, batches=batches))
    assert "Each batch had its own periods." in design(replace(summary, batches=batches))
    parallel = replace(summary, batches=batches, design="parallel")
    assert "own periods" not in design(parallel)
    assert batches_table(replace(summary, batches=batches[:1])) is None
    table = batches_table(replace(summary, batches=batches))
    assert table is not None
    assert [row[0] for row in table.rows] == ["1", "2", "3"]
    assert table.rows[2][2:] == ("cases of a deactivated reader", "1", "2")


def test_report_does_not_deny_amendments_where_instructions_changed() -> None:
    _, summary, _, _ = study()
    plain = replace(summary, amendments=(), unamended_instructions=())
    assert any("No amendment of the protocol was recorded" in text for text in deviations(plain))
    texts = list(deviations(replace(plain, unamended_instructions=(2, 3))))
    assert not any("No amendment" in text for text in texts)
    assert any("without an amendment of the protocol (versions 2, 3)" in text for text in texts)


def test_planned_repeats_are_stated_as_a_number_or_a_share() -> None:
    _, summary, table, _ = study()
    repeated = replace(table, replicate=np.where(np.arange(len(table)) < 3, 2, table.replicate))
    share = replace(summary, hidden_repeat_share=10, repeat_after_readings=20)
    assert (
        "There were 3 hidden repeat readings (planned: 10 % of the cases of each reader in each "
        "arm, rounded up), at least 20 readings after"
    ) in sampling(share, repeated)
    number = replace(summary, hidden_repeats=1, repeat_after_readings=20)
    assert "(planned: 1 case per reader and arm), at least" in sampling(number, repeated)
    assert "planned" not in sampling(summary, repeated)
