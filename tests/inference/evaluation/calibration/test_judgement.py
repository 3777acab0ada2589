from __future__ import annotations

import numpy as np
import pytest

from inference.decoding.level_calibration import shipped_calibration
from inference.evaluation.calibration.calibration_tables import (
    reliability_csv,
    summarize_judgements,
    summary_text,
)
from inference.evaluation.calibration.judgement import group_of, judge
from inference.evaluation.calibration.observations import Observation
from tests.inference.evaluation.calibration.columns import LEVELS, observation

RNG = np.random.default_rng(3)


@pytest.mark.parametrize(
    ("levels", "lumbar", "group"),
    [
        (LEVELS, 5, "knowable"),
        (LEVELS[:7], 5, "end missing"),
        (LEVELS[3:], 5, "end missing"),
        (LEVELS[:6], 5, "unknowable"),
        (("T12", "L1", "L2", "L3", "L4", "L5", "L6"), 6, "unknowable"),
        (("T12", "L1", "L2", "L3", "L4", "L5"), 5, "unknowable"),
        (("T11", "T12", "L1", "L2", "L3", "L4", "L5"), 6, "knowable"),
        (("T12", "L1", "L2", "L3", "L4", "S1"), 4, "unknowable"),
    ],
)
def test_group_follows_from_what_the_image_shows(
    levels: tuple[str, ...], lumbar: int, group: str
) -> None:
    assert group_of(observation(RNG, levels, lumbar=lumbar)) == group


def test_a_hidden_sacrum_does_not_show_where_to_count_from() -> None:
    from_sacrum, from_rib = ("T12", *LEVELS[LEVELS.index("L1") :]), LEVELS
    assert group_of(observation(RNG, from_sacrum)) == "knowable"
    assert group_of(observation(RNG, from_sacrum, sacrum_hidden=True)) == "unknowable"
    assert group_of(observation(RNG, from_rib, sacrum_hidden=True)) == "knowable"
    # A number of lumbar bodies that cannot be counted does not make the levels unknowable.
    four = tuple(level for level in LEVELS if level != "L5")
    assert group_of(observation(RNG, four, lumbar=4)) == "unknowable"
    assert group_of(observation(RNG, four, lumbar=4, sacrum_hidden=True)) == "end missing"


def judgements(*observations: Observation, clear: float = 0.0, variations=()):
    return judge(observations, shipped_calibration(), clear=clear, variations=variations)


def test_clear_column_is_right_and_not_flagged() -> None:
    (one,) = judgements(observation(RNG, vote_noise=0.2))
    assert (one.right, one.certain, one.reason, one.views) == (True, True, "", 1)


def test_variations_are_used_only_where_labels_are_not_clear() -> None:
    column = observation(RNG, vote_noise=0.2, variations=1)
    names = list(column.variations)
    assert judgements(column, clear=0.0, variations=names)[0].views == 1
    assert judgements(column, clear=1.1, variations=names)[0].views == 2


def test_shifted_votes_are_judged_wrong() -> None:
    # The geometry of the thoracic levels is alike, so labels follow the votes.
    wrong = observation(RNG, ("T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4"), shift=1)
    (one,) = judgements(wrong)
    assert not one.right


def test_summary_counts_each_group_and_part() -> None:
    members = judgements(
        observation(RNG, vote_noise=0.2),
        observation(RNG, LEVELS[:7], vote_noise=0.2, condition="ends cut"),
        observation(RNG, LEVELS[:6], vote_noise=0.2, family="hologic_se"),
    )
    summary = summarize_judgements(members)
    assert list(summary) == ["all", "all cues", "ends cut", "ge_idxa", "hologic_se"]
    figures = summary["all"]
    assert (figures["images"], figures["knowable"], figures["end_missing"]) == (3, 1, 1)
    # Without L4 the image cannot be scored, so its flag is right.
    assert figures["other_flagged"] == figures["other"] == 1
    assert "1/1 (100.0%)" in summary_text(summary)
    assert reliability_csv(summary).splitlines()[0].startswith("part,count,mean_probability")
