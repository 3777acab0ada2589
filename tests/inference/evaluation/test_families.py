"""Results of phantoms by family."""

from __future__ import annotations

from inference.evaluation.samples import phantom_samples
from inference.evaluation.summary import summarize
from inference.evaluation.tables import text_table
from tests.inference.evaluation.cases import outcome
from tests.inference.spines import straight


def test_labels_are_judged_for_each_family() -> None:
    wrong = straight().shifted(1)
    outcomes = [
        outcome(key="a", family="ge_de", levels_knowable=True),
        outcome(key="b", family="ge_de", levels_knowable=True, predicted=wrong),
        outcome(key="c", family="ge_idxa", levels_knowable=True),
    ]
    summary = summarize(outcomes, None)
    by_family = summary["levels_by_family"]
    assert by_family["ge_de"]["knowable"]["right"] == 1
    assert by_family["ge_de"]["knowable"]["images"] == 2
    assert by_family["ge_idxa"]["knowable"]["right"] == 1
    (line,) = [row for row in text_table(summary).splitlines() if row.startswith("  ge_de  ")]
    assert line.split() == ["ge_de", "2", "1", "0", "1", "0", "1"]


def test_phantoms_of_selected_families_have_their_own_version() -> None:
    (mixed,) = phantom_samples([7_000_201])
    (selected,) = phantom_samples([7_000_201], family=("hologic_se",))
    assert selected.open()[1].family == "hologic_se"
    # Saved results of one selection are not reused for another.
    assert mixed.version != selected.version
