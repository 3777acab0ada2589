"""Check of marked images before training: readable, of the right size, and in one part only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from inference.annotations.marked_images import FormatError
from inference.evaluation.samples import Sample
from inference.image import UnreadableImage


@dataclass(frozen=True, slots=True)
class CheckedImage:
    """SHA-256 of the pixels of an image, and its landmarks as text."""

    pixels: str
    marks: str


def check_images(samples: Iterable[Sample]) -> dict[str, CheckedImage]:
    """Open every image once, so that a training does not stop at one that cannot be used.

    Returns
    -------
    dict
        Pixels and landmarks by key of the sample.

    Raises
    ------
    FormatError
        If an image cannot be used, with the reason.
    """
    checked = {}
    for sample in samples:
        try:
            # This also fills the cache before training starts.
            image, truth = sample.open()
        except (UnreadableImage, ValueError) as error:
            raise FormatError(f"{sample.key}: {getattr(error, 'text', error)}") from error
        if (image.width, image.height) != (truth.width, truth.height):
            raise FormatError(
                f"{sample.key}: marked on {truth.width} x {truth.height} pixels, "
                f"but the image has {image.width} x {image.height}"
            )
        # Corrected labels must be noticed: a run is not resumed on other landmarks.
        marks = f"{truth.anterior} {truth.landmarks.to_dict()}"
        pixels = hashlib.sha256(image.pixels.tobytes()).hexdigest()
        checked[sample.key] = CheckedImage(pixels, marks)
    return checked


def find_overlap(
    trained: Sequence[Sample], others: Sequence[Sample], checked: Mapping[str, CheckedImage]
) -> dict[str, str]:
    """Return images that are trained on and also in another part.

    Parameters
    ----------
    trained, others
        Images of the training part, and of the validation and test parts.
    checked
        From `check_images`.

    Returns
    -------
    dict
        Key of the training image by key of the other one. They differ if an image has two names.
    """
    # Pixels identify an image, because the same one may have two names.
    training_keys = {checked[sample.key].pixels: sample.key for sample in trained}
    other_keys = {checked[sample.key].pixels: sample.key for sample in others}
    shared = training_keys.keys() & other_keys.keys()
    return {other_keys[pixels]: training_keys[pixels] for pixels in shared}
