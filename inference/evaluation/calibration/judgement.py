"""Judge labels and their probabilities on observations with known levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from inference.decoding.confidence_checks import check_level_labels
from inference.decoding.label_checks import MIN_LABEL_PROBABILITY
from inference.decoding.level_calibration import Calibration
from inference.decoding.level_labels import COUNTED, LevelLabels, label_by_sequence
from inference.decoding.view_agreement import average_votes
from inference.evaluation.calibration.observations import Observation
from inference.network.configuration import LEVEL_CLASSES
from inference.results import VERTEBRAE

Group = Literal["knowable", "end missing", "unknowable"]
WANTED: Final = frozenset(vertebra.value for vertebra in VERTEBRAE)
SCORED: Final = WANTED - {"T12", "L5"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """The labels of one observation, judged.

    Attributes
    ----------
    observation
        The observation.
    group
        "knowable" if all of T12 to L5 are in the image; "end missing" without T12 or L5;
        "unknowable" without one of L1 to L4, with four or six lumbar bodies that can be counted, or
        where the levels cannot be counted from either end.
    probability
        Probability of the labels.
    right
        Whether no body of the study has a wrong label.
    certain
        Whether in addition the number of lumbar bodies is right; what ``probability`` predicts.
    reason
        Reason code of the flag; empty if the labels are not flagged.
    views
        Number of views that were used.
    """

    observation: Observation
    group: Group
    probability: float
    right: bool
    certain: bool
    reason: str
    views: int


def judge(
    observations: Sequence[Observation],
    calibration: Calibration,
    *,
    clear: float = 0.0,
    variations: Sequence[str] = (),
    min_probability: float = MIN_LABEL_PROBABILITY,
) -> list[Judgement]:
    """Return a judgement of each observation.

    Parameters
    ----------
    observations
        Observations that were not used to fit the calibration.
    calibration
        The constants.
    clear
        Probability below which the variations are used.
    variations
        Names of the variations to use.
    min_probability
        Probability below which labels are flagged.
    """
    judgements = []
    for observation in observations:
        labels = label_by_sequence(
            observation.bodies, LEVEL_CLASSES, end=observation.end, calibration=calibration
        )
        used = [observation.variations[n] for n in variations if n in observation.variations]
        if used and probability_of(labels) < clear:
            labels = label_by_sequence(
                average_votes(observation.bodies, used),
                LEVEL_CLASSES,
                end=observation.end,
                views=1 + len(used),
                calibration=calibration,
            )
        judgements.append(_judge(observation, labels, min_probability))
    return judgements


def probability_of(labels: LevelLabels) -> float:
    """Return the probability of labels, 0 without one."""
    return 0.0 if labels.posterior is None else labels.posterior.probability


def group_of(observation: Observation) -> Group:
    """Return whether the levels of an observation can be known from what is in the image."""
    visible = set(observation.visible)
    if not visible >= SCORED:
        return "unknowable"
    # With four or six lumbar vertebrae, conventions differ on which one is L1. Where the end of the
    # lumbar spine is hidden or outside, the number cannot be seen, and the labels follow from T12.
    last = {4: "S1", 5: "", 6: "L6"}[observation.lumbar]
    if last in visible and not observation.sacrum_hidden:
        return "unknowable"
    # Levels are counted downwards from the last rib or upwards from the sacrum.
    if not (
        visible >= {"T11", "T12"} or (visible >= {"L5", "S1"} and not observation.sacrum_hidden)
    ):
        return "unknowable"
    return "knowable" if visible >= WANTED else "end missing"


def _judge(observation: Observation, labels: LevelLabels, min_probability: float) -> Judgement:
    uncertainty = check_level_labels(
        observation.bodies,
        labels,
        width=observation.width,
        end=observation.end,
        min_probability=min_probability,
    )
    return Judgement(
        observation=observation,
        group=group_of(observation),
        probability=probability_of(labels),
        right=_agree(observation, labels, WANTED, of_labels=False),
        certain=_agree(observation, labels, COUNTED, of_labels=True),
        reason="" if uncertainty is None else uncertainty.reason,
        views=labels.posterior.views if labels.posterior else 1,
    )


def _agree(
    observation: Observation, labels: LevelLabels, levels: frozenset[str], *, of_labels: bool
) -> bool:
    """Return whether every body that has one of the levels is labelled correctly.

    With ``of_labels``, bodies of other levels must not have such a label either. Detections where
    there is no body are ignored.
    """
    return all(
        label == level
        for label, level in zip(labels.names, observation.levels, strict=True)
        if level and (level in levels or (of_labels and label in levels))
    )
