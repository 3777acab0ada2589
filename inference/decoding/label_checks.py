"""Checks whether the labels of a column fit what the image shows of its levels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from inference.decoding.labelled_column import SCORED, WANTED, LabelledColumn
from inference.decoding.level_cues import ROOM_FOR_A_BODY
from inference.landmarks import COLUMN
from inference.results import Uncertainty

# The limits of probability, fit and sacrum were set together on 8,600 phantoms of all families:
# 1,600 seeds from 7,660,000, and 7,000 from 6,200,000 with frequent lumbar counts other than five,
# which were weighted down. They were compared with others on 8,200 phantoms whose sacra had been
# measured for visibility (1,600 seeds each from 7,660,000 and 6,200,000, 2,000 from 8,480,000, and
# 1,500 each from 8,440,000 and 8,450,000): 2.5 % of the right labels and 96.0 % of the wrong or
# unknowable ones are flagged. Of the 28 that are not, 21 have four or six lumbar bodies, and no rib
# could be attributed to T12 by eye in any of these. No combination of limits flags 97 % with 3 %
# false alarms: with a fit of 0.865, 3.1 and 96.5 % are flagged.
MIN_LABEL_PROBABILITY: Final = 0.75
MIN_FIT: Final = 0.82
"""Fit of the labels (`LevelLabels.fit`) below which their bodies do not look like their levels.

Without this check, 87 % of the subjects with four or six lumbar bodies are flagged; with it, 95 %.
A logistic regression, boosted trees and a small network on all votes and cues flagged at most one
more in a hundred at the same rate of false alarms; averages over variations of the image, none.
"""
NEAR_BORDER: Final = 0.1
"""Distance of the centre of a scored level from the border, in its heights, from which on it counts
as inside the image. Closer to it, the detected centre may lie on the wrong side. On the 7,000
phantoms from 6,200,000, at the upper and lower border alone, it raised the flagged share of wrong
or unknowable labels from 95.8 to 96.1 %, and concerned no right labels of images that show all six.
The sides were added afterwards: on the 8,200 phantoms named above, they flag one more wrong
labelling and no right ones. For T11 and the sacrum, the same margin would flag as many right labels
as others."""
MIN_SACRUM_CONFIDENCE: Final = 0.3
"""Confidence of L5 and S1 below which levels are not counted upwards from the sacrum, because both
are often detected behind the pelvis, where no reader would see them."""


def fewer_than_six(column: LabelledColumn) -> Uncertainty | None:
    """Look for levels that have no body although the labels depend on them."""
    missing = [name for name in WANTED if name not in column.labels.names]
    if not missing:
        return None
    # Labels by order depend on all six; labels by appearance do not depend on T12 and L5.
    if not (column.by_rank or set(missing) & set(SCORED) or _is_t12_overlooked(column, missing)):
        return None
    return Uncertainty(
        "fewer_than_six",
        f"{len(WANTED) - len(missing)} of the six vertebrae were detected and labelled; missing: "
        f"{', '.join(missing)}.",
    )


def _is_t12_overlooked(column: LabelledColumn, missing: Sequence[str]) -> bool:
    """Return whether T12 is missing although the field does not end there."""
    return "T12" in missing and column.space_above >= ROOM_FOR_A_BODY


def level_outside(column: LabelledColumn) -> Uncertainty | None:
    """Look for scored levels at or beyond the border of the image, which cannot be scored."""
    outside = [
        name
        for name, body in zip(column.labels.names, column.bodies, strict=True)
        if name in SCORED and not column.shows(body, NEAR_BORDER)
    ]
    if not outside:
        return None
    verb = "lies" if len(outside) == 1 else "lie"
    return Uncertainty(
        "level_outside",
        f"{', '.join(outside)} {verb} at or beyond the border of the image: the walls cannot be "
        "scored as a whole.",
    )


def seventh_body(column: LabelledColumn) -> Uncertainty | None:
    """Look for an unlabelled body, which competes with the six only if order assigns the labels."""
    names = column.labels.names
    unlabelled = [k for k, name in enumerate(names) if not name]
    # A level head judges each body by its appearance, so a body that it leaves unlabelled does not
    # shift the labels of the others.
    if not column.by_rank or not unlabelled:
        return None
    k = unlabelled[0]
    above = [name for name in names[:k] if name]
    below = [name for name in names[k:] if name]
    if not above:
        position = f"above {below[0]}"
    elif not below:
        position = f"below {above[-1]}"
    else:
        position = f"between {above[-1]} and {below[0]}"
    return Uncertainty("seventh_body", f"A seventh body of similar strength lies {position}.")


def lumbar_count(column: LabelledColumn) -> Uncertainty | None:
    """Look for four or six lumbar vertebrae, for which conventions differ on which one is L1."""
    count = {4: "four", 6: "six"}.get(column.labels.lumbar)
    if count is None:
        return None
    return Uncertainty(
        "lumbar_count",
        f"The spine seems to have {count} lumbar vertebrae: agree on which one is L1.",
    )


def names_uncertain(column: LabelledColumn) -> Uncertainty | None:
    """Look for labels by level head that are not much more probable than others."""
    posterior = column.labels.posterior
    if posterior is None or posterior.probability >= column.min_probability:
        return None
    text = f"These labels have a probability of {posterior.probability:.2f}"
    if posterior.runner_up is not None:
        shift, share = posterior.runner_up
        text += f"; second best ({share:.2f}): {_describe_shift(shift)}"
    return Uncertainty("names_uncertain", f"{text}.")


def appearance_unusual(column: LabelledColumn) -> Uncertainty | None:
    """Look for labels that are the most probable ones although the bodies do not look like them."""
    fit = column.labels.fit
    if fit is None or fit >= MIN_FIT:
        return None
    return Uncertainty(
        "appearance_unusual",
        f"The vertebrae do not look like these levels (fit {fit:.2f} of 1): check the number of "
        "lumbar vertebrae.",
    )


def no_reference_level(column: LabelledColumn) -> Uncertainty | None:
    """Look for columns of which neither end shows the level from which the others are counted."""
    # Labels by order are checked by `_end_uncertain`.
    if column.by_rank:
        return None
    visible = {
        name: body.confidence
        for name, body in zip(column.labels.names, column.bodies, strict=True)
        if column.shows(body)
    }
    if "T11" in visible:
        return None
    if min(visible.get("L5", 0.0), visible.get("S1", 0.0)) >= MIN_SACRUM_CONFIDENCE:
        return None
    return Uncertainty(
        "no_reference_level",
        "Neither T11 nor the sacrum below L5 was clearly detected, so the levels cannot be counted "
        "from either end.",
    )


def _describe_shift(by: int | None) -> str:
    if by is None:
        return "a different number of lumbar vertebrae"
    # An example is clearer than a direction: labels that move cranially name lower levels.
    levels = [name for name in COLUMN if name != "L6"]
    index = min(max(levels.index("L2") + by, 0), len(levels) - 1)
    return f"the vertebra labelled L2 is {levels[index]}"
