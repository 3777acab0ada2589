"""Which images are trained on, which choose the weights and which judge them.

One patient's images stay together, where the data say who is who.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from inference.evaluation.samples import Sample

VALIDATION_SHARE: Final = 0.15
TEST_SHARE: Final = 0.15
MIN_PATIENTS: Final = 4
"""With fewer patients (or images of nobody named) than these, nothing is held back."""

Parts = tuple[list[Sample], list[Sample], list[Sample]]
Rule = Literal["patient", "image", "patient or image"]


def split(samples: Sequence[Sample], seed: int, settled: Mapping[str, int] | None = None) -> Parts:
    """Training, validation and test parts with 70, 15 and 15 % of the patients.

    An image of nobody named counts as a patient of its own. The parts depend on the patients'
    codes, the images' names and the seed, not on the order or the folder.

    Parameters
    ----------
    settled
        Patients who were split before, with the place of their part: they stay in it.
    """
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(_who(sample), []).append(sample)
    count = len(groups)
    room = [count, 0, 0]
    if count >= MIN_PATIENTS:
        room[1:] = round(VALIDATION_SHARE * count), round(TEST_SHARE * count)
    known = settled or {}
    places = {
        who: known[some[0].subject] for who, some in groups.items() if some[0].subject in known
    }
    for place in places.values():
        room[place] -= 1
    for who in sorted(groups.keys() - places.keys(), key=lambda who: (_draw(who, seed), who)):
        place = next(place for place in (1, 2, 0) if room[place] > 0 or place == 0)
        places[who] = place
        room[place] -= 1
    parts: Parts = ([], [], [])
    for who in sorted(groups, key=lambda who: (_draw(who, seed), who)):
        parts[places[who]].extend(sorted(groups[who], key=image_name))
    return parts


def map_patients_to_parts(parts: Parts) -> dict[str, int]:
    """The place of each named patient's part."""
    return {s.subject: place for place, part in enumerate(parts) for s in part if s.subject}


def split_rule(samples: Iterable[Sample]) -> Rule:
    """What keeps together the images that are split."""
    named = {bool(sample.subject) for sample in samples}
    if named == {True}:
        return "patient"
    return "patient or image" if True in named else "image"


def describe_split(data: Mapping[str, Any]) -> str:
    """How the images of :meth:`inference.training.data.sources.Data.to_dict` were split."""
    rule, again = data["split"], data["validation_seen"]
    if rule is None:
        return ""
    trained = sum(source["images"] for source in data["sources"])
    chosen, judged = data["validation_images"], data["test_images"]
    counts = f"{trained} marked images to train on, {chosen} to choose the weights by, "
    counts += f"{judged} for the table"
    if rule == "named":
        words = f"Not split: {counts}. --validation names those to choose by."
        if again:
            words += (
                f" {again} of these are also trained on, or show a patient who is: the choice is"
                " not independent."
            )
        return words
    if not chosen:
        who = "images" if rule == "image" else "patients"
        return f"Not split, for there are too few {who}: {counts}. Phantoms choose the weights."
    if rule == "patient":
        patients = " / ".join(str(count) for count in data["patients"])
        return f"Split by patient: {counts}. Patients: {patients}; nobody is in two parts."
    reason = (
        "the data do not say which images show one patient"
        if rule == "image"
        else "by patient only where the data name one"
    )
    return (
        f"Split by image ({reason}): {counts}. A patient with several images may be in two "
        "parts; then the errors are too small."
    )


def image_name(sample: Sample) -> str:
    """The name that the truth gives the image."""
    return sample.key.rpartition(": ")[2]


def _who(sample: Sample) -> str:
    return f"patient {sample.subject}" if sample.subject else image_name(sample)


def _draw(who: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{who}".encode()).hexdigest()
