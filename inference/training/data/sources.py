"""Training data: phantoms and marked images, with their weights and split."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from inference.annotations.marked_images import FormatError
from inference.evaluation.samples import Sample, read_samples
from inference.patient_groups import group_patients
from inference.training.data.image_cache import ImageCache
from inference.training.data.image_check import CheckedImage, check_images, find_overlap
from inference.training.data.split import Rule, image_name, map_patients_to_parts, split, split_rule

PHANTOM: Final = "phantom"


@dataclass(frozen=True, slots=True)
class Source:
    """One data source of a training: phantoms, or the training part of marked images.

    Attributes
    ----------
    name
        "phantom", or the path of the landmark files.
    weight
        Weight in the mixture of sources.
    samples
        Images to train on; empty for phantoms.
    """

    name: str
    weight: float
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True)
class Data:
    """Data of a training, with the images that are not trained on.

    Attributes
    ----------
    sources
        Sources to train on.
    validation, test
        Validation and test images.
    rule
        Unit by which images were split; "named" if validation images were given separately, or
        ``None`` without images.
    validation_seen
        Number of validation images that are also trained on, or show a patient who is.
    content
        SHA-256 of all images and landmarks, independent of the split.
    """

    sources: tuple[Source, ...]
    validation: tuple[Sample, ...] = ()
    test: tuple[Sample, ...] = ()
    rule: Rule | Literal["named"] | None = None
    validation_seen: int = 0
    content: str = ""

    @property
    def trained(self) -> list[Sample]:
        """Images to train on, of all sources."""
        return [sample for source in self.sources for sample in source.samples]

    @property
    def marked_images(self) -> int:
        """Number of images to train on."""
        return len(self.trained)

    @property
    def phantoms(self) -> bool:
        """Whether phantoms are trained on."""
        return any(not source.samples for source in self.sources)

    def to_dict(self) -> dict[str, Any]:
        """Return a description that JSON can represent, without images."""
        return {
            "sources": [
                {
                    "name": source.name,
                    "weight": source.weight,
                    "images": len(source.samples),
                    "list_sha256": list_hash(source.samples),
                }
                for source in self.sources
            ],
            "validation_images": len(self.validation),
            "test_images": len(self.test),
            "split": self.rule,
            "patients": [
                len({sample.subject for sample in part if sample.subject})
                for part in (self.trained, self.validation, self.test)
            ],
            "validation_seen": self.validation_seen,
            "content_sha256": self.content,
        }


def read_data(
    specs: Sequence[str],
    *,
    seed: int,
    validation: Sequence[Path] = (),
    report_counts: Callable[[int, int], object] | None = None,
    image_cache: ImageCache | None = None,
) -> Data:
    """Read the data sources given on the command line.

    Parameters
    ----------
    specs
        "phantom", or a landmark file or folder, optionally followed by ``:WEIGHT``.
    seed
        Seed of the split into 70 % training, 15 % validation and 15 % test images. The split is by
        patient where the files give patients, otherwise by image. A patient of two sources is in
        the same part of both.
    validation
        Landmark files of separate validation images; all images of ``specs`` are then trained on.
    report_counts
        Called before images are read with the number of marked images and of images that are left
        out because nothing is marked on them.
    image_cache
        Cache for images; a new one if ``None``.

    Raises
    ------
    FormatError
        If a file is not a landmark file, if a source has no marked image, if an image cannot be
        used, or if an image is in the training part of one source and the validation or test part
        of another.
    """
    cached = (image_cache or ImageCache()).wrap
    sources, test, unmarked = [], list[Sample](), 0
    validating = [cached(sample) for sample in read_samples(validation) if sample.marked]
    if validation and not validating:
        raise FormatError(f"{validation[0]}: there are no marked images for validation")
    parts_of_earlier: dict[str, int] = {}
    for spec in specs:
        name, weight = split_spec(spec)
        if name == PHANTOM:
            sources.append(Source(PHANTOM, weight))
            continue
        listed = deduplicate_images(read_samples([Path(name)]))
        samples = [cached(sample) for sample in listed if sample.marked]
        unmarked += len(listed) - len(samples)
        if not samples:
            raise FormatError(f"{name}: there are no marked images")
        if not validation:
            parts = split(samples, seed, parts_of_earlier)
            parts_of_earlier |= map_patients_to_parts(parts)
            samples, second, third = parts
            validating, test = validating + second, test + third
        sources.append(Source(str(Path(name)), weight, tuple(samples)))
    trained = [sample for source in sources for sample in source.samples]
    if report_counts is not None:
        report_counts(len([*trained, *validating, *test]), unmarked)
    checked = check_images([*trained, *validating, *test])
    # Two lists may share images, so that one trains on what the other holds back.
    overlap = find_overlap(trained, [*validating, *test], checked)
    if overlap and not validation:
        other, training = min(overlap.items())
        raise FormatError(
            f"{other}: this image is in the validation or test part, but it is also trained on as "
            f"{training}. Give each image in one --data only."
        )
    # A validation image also overlaps if it shows a patient who is trained on.
    patients = {sample.subject for sample in trained if sample.subject}
    return Data(
        tuple(sources),
        tuple(validating),
        tuple(test),
        rule=_rule(trained, validating, test, named=bool(validation)),
        validation_seen=sum(s.key in overlap or s.subject in patients for s in validating),
        content=_content(checked.values()),
    )


def data_of_samples(
    name: str,
    samples: Sequence[Sample],
    *,
    seed: int,
    trained_before: Collection[str] = (),
    image_cache: ImageCache | None = None,
) -> Data:
    """Return the data of one source whose samples are given, split by patient.

    Patients who share an image, as one patient with two pseudonyms does, are in the same part.

    Parameters
    ----------
    name
        Name of the source, for the model card.
    samples
        Marked images of named patients; each is opened once, to check it.
    seed
        Seed of the split into 70 % training, 15 % validation and 15 % test images.
    trained_before
        Patients whose images the initial weights were trained or selected on. They are trained on
        again, and only the others are split, so that the test is independent for both weights.

    Raises
    ------
    FormatError
        If there is no marked image, or an image cannot be used.
    ValueError
        If a sample has no patient.
    """
    cached = (image_cache or ImageCache()).wrap
    marked = [cached(sample) for sample in samples if sample.marked]
    if not marked:
        raise FormatError(f"{name}: there are no marked images")
    if not all(sample.subject for sample in marked):
        raise ValueError("every sample needs the code of its patient")
    checked = check_images(marked)
    groups = group_patients((sample.subject, checked[sample.key].pixels) for sample in marked)
    marked = [replace(sample, subject=groups[sample.subject]) for sample in marked]
    before = {groups[patient] for patient in trained_before if patient in groups}
    again = sorted((s for s in marked if s.subject in before), key=image_name)
    trained, validation, test = split([s for s in marked if s.subject not in before], seed)
    return Data(
        (Source(name, 1.0, (*again, *trained)),),
        tuple(validation),
        tuple(test),
        rule=split_rule(marked),
        content=_content(checked.values()),
    )


def split_spec(spec: str) -> tuple[str, float]:
    """Split ``NAME:WEIGHT`` into name and weight, which is 1 by default.

    Raises
    ------
    FormatError
        If the weight is not a positive finite number.

    Examples
    --------
    >>> split_spec("phantom:3"), split_spec("a.csv")
    (('phantom', 3.0), ('a.csv', 1.0))
    """
    name, _, number = spec.rpartition(":")
    try:
        weight = float(number) if name else 1.0
    # A colon that precedes no number belongs to a path, such as C:/labels.csv.
    except ValueError:
        return spec, 1.0
    if not 0 < weight < float("inf"):
        raise FormatError(f"{spec}: the weight must be greater than 0")
    return (name, weight) if name else (spec, 1.0)


def deduplicate_images(samples: Sequence[Sample]) -> list[Sample]:
    """Return each image once, even if a folder marks it in several files, as an export does.

    JSON takes precedence over CSV, because it has more information.
    """
    unique: dict[tuple[Path, str], Sample] = {}
    # JSON first: of COCO and makesense in one export, only COCO has patients and missing corners.
    for sample in sorted(samples, key=lambda sample: _landmark_file(sample).suffix != ".json"):
        unique.setdefault((_landmark_file(sample).parent, image_name(sample)), sample)
    return list(unique.values())


def list_hash(samples: Sequence[Sample]) -> str:
    """Return the SHA-256 of the image names, which identifies the list."""
    return _digest(sorted(image_name(sample) for sample in samples))


def _content(images: Iterable[CheckedImage]) -> str:
    """Return the hash of images and landmarks, by which a run notices that they changed."""
    return _digest(sorted(_digest([image.pixels, image.marks]) for image in images))


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _landmark_file(sample: Sample) -> Path:
    return Path(sample.key.rpartition(": ")[0])


def _rule(*parts: Sequence[Sample], named: bool) -> Rule | Literal["named"] | None:
    if named:
        return "named"
    samples = [sample for part in parts for sample in part]
    return split_rule(samples) if samples else None
