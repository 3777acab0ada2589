"""The cases of a run as training samples: images, landmarks, patients, and corrected corners."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from inference.annotations.marked_images import FormatError, MarkedImage
from inference.evaluation.samples import Sample
from inference.image import Image as DecodedImage
from inference.results import CORNERS, Landmarks, Vertebra
from inference.training.data.sources import Data, data_of_samples
from studies.cases.images.decoding import decode_stored_image
from studies.cases.models import Image, LandmarkSet
from studies.fine_tuning.models import FineTuningCase, FineTuningRun
from studies.fine_tuning.patients import Patients, find_patients
from studies.fine_tuning.runs import MIN_PATIENTS

logger = logging.getLogger(__name__)
SOURCE: Final = "corrected landmarks"
SAME_PX: Final = 0.01
"""Largest distance, in original pixels, at which a corner counts as the network's."""
TOO_FEW = (
    f"fewer than {MIN_PATIENTS} patients are left that can be held out, because cases were "
    "withdrawn or the initial weights were trained on them. Start a new run with more cases"
)
UNUSABLE = (
    "the image or the landmarks of one of its cases cannot be used. The worker's log names the "
    "case. Start a new run and leave it out"
)


@dataclass(frozen=True, slots=True)
class RunData:
    """Training data of a run.

    Attributes
    ----------
    data
        Training, validation and test images.
    rows
        Cases of the run by key of their sample.
    patients
        The patients of these cases.
    """

    data: Data
    rows: Mapping[str, FineTuningCase]
    patients: Patients

    @property
    def parts(self) -> dict[Any, str]:
        """The part of the split by primary key of the case."""
        parts = (
            (FineTuningCase.Part.TRAINING, self.data.trained),
            (FineTuningCase.Part.VALIDATION, self.data.validation),
            (FineTuningCase.Part.TEST, self.data.test),
        )
        return {
            self.rows[sample.key].case_id: str(part)
            for part, samples in parts
            for sample in samples
        }


def read_run(run: FineTuningRun) -> RunData:
    """Return the data of a run from those of its cases that may still be trained on.

    Raises
    ------
    FormatError
        A case cannot be used, or too few patients are left. The message names no case, because a
        run may use studies that those who read it do not coordinate.
    """
    rows = run.run_cases.trainable().select_related(
        "case__study", "case__patient", "case__image", "landmark_set"
    )
    if run.run_cases.used().exists():
        # A case that was withdrawn before the training began does not join it when it comes back.
        rows = rows.used()
    cases = {
        f"{SOURCE}: {row.case.study.slug}/{row.case.label}": row
        for row in rows.order_by("case__study", "case__label")
    }
    patients = find_patients([row.case for row in cases.values()], run.start)
    if len(patients.unseen) < MIN_PATIENTS:
        raise FormatError(TOO_FEW)
    samples = [_sample(key, row, patients.of_case[row.case_id]) for key, row in cases.items()]
    try:
        data = data_of_samples(
            SOURCE, samples, seed=run.seed, trained_before=patients.trained_before
        )
    except FormatError as error:
        logger.warning("fine-tuning run %s: %s", run.pk, error)
        raise FormatError(UNUSABLE) from error
    # Images that are the same only once they are decoded make one patient of two.
    if not data.validation or not data.test:
        raise FormatError(TOO_FEW)
    return RunData(data, cases, patients)


def corrected_corners(row: FineTuningCase) -> set[tuple[Vertebra, str]]:
    """Return the corners of a case whose position or level a person changed.

    A changed anterior side alone exchanges the names of corners, but corrects none.
    """
    landmark_set = _landmark_set(row)
    version = landmark_set.origin
    while version.parent is not None:
        version = version.parent.origin
    located = Landmarks.from_dict(version.landmarks)
    if version.anterior != landmark_set.anterior:
        located = located.flipped()
    current = Landmarks.from_dict(landmark_set.landmarks)
    return {
        (vertebra, name)
        for vertebra in current.bodies
        for name in CORNERS
        if _differ(current.corner(vertebra, name), located.corner(vertebra, name))
    }


def _landmark_set(row: FineTuningCase) -> LandmarkSet:
    if row.landmark_set is None:
        raise ValueError("a rejected case has no landmarks")
    return row.landmark_set


def _differ(one: tuple[float, float] | None, other: tuple[float, float] | None) -> bool:
    if one is None or other is None:
        return one is not other
    return math.dist(one, other) > SAME_PX


def _sample(key: str, row: FineTuningCase, subject: str) -> Sample:
    image, landmark_set = row.case.image, _landmark_set(row)
    marked = MarkedImage(
        file=key.removeprefix(f"{SOURCE}: "),
        width=image.width,
        height=image.height,
        landmarks=Landmarks.from_dict(landmark_set.landmarks),
        anterior="right" if landmark_set.anterior == "right" else "left",
        spacing_mm=tuple(image.spacing_mm) if image.spacing_mm else None,
        family=row.case.scanner or None,
        subject=subject,
    )
    return Sample(key, _Opener(image, marked), subject=subject)


class _Opener:
    """Opens the image of a case in a sandbox, with its landmarks."""

    def __init__(self, image: Image, marked: MarkedImage) -> None:
        self._image, self._marked = image, marked

    def __call__(self) -> tuple[DecodedImage, MarkedImage]:
        return decode_stored_image(self._image), self._marked
