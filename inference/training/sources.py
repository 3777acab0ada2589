"""What a training learns from: phantoms, marked images, and their shares."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from inference.evaluation.samples import Sample, samples_of_files
from inference.formats.marked import FormatError
from inference.image import UnreadableImage
from inference.training.opened import OpenedImages

PHANTOM: Final = "phantom"
VALIDATION_SHARE: Final = 0.15
TEST_SHARE: Final = 0.15


@dataclass(frozen=True, slots=True)
class Source:
    """One ``--data``: phantoms drawn as it goes, or the training part of files.

    ``samples`` is empty for phantoms.
    """

    name: str
    weight: float
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True)
class Data:
    """Sources with the parts of their images that are not trained on."""

    sources: tuple[Source, ...]
    validation: tuple[Sample, ...] = ()
    test: tuple[Sample, ...] = field(default=())

    @property
    def marked_images(self) -> int:
        return sum(len(source.samples) for source in self.sources)

    @property
    def phantoms(self) -> bool:
        return any(not source.samples for source in self.sources)

    def to_dict(self) -> dict[str, Any]:
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
        }


def read_data(
    specs: Sequence[str],
    *,
    seed: int,
    validation: Sequence[Path] = (),
    seen: Callable[[int], object] | None = None,
    opened: OpenedImages | None = None,
) -> Data:
    """Sources as they are named on the command line.

    Parameters
    ----------
    specs
        ``phantom``, or a truth file or folder as ``evaluate`` takes it, each with ``:WEIGHT``.
    seed
        Of the split of 70/15/15, which depends on nothing else but the images' names.
    validation
        Truth files with images of their own: then every image of ``specs`` is trained on.
    seen
        Told how many images there are before they are read.
    opened
        Where images are kept; one of its own where ``None``.

    Raises
    ------
    FormatError
        For a file that is no truth, for an image that cannot be used, and for one in two sources
        of which one trains on it and the other holds it back.
    """
    keep = (opened or OpenedImages()).keep
    sources, test = [], list[Sample]()
    held = [keep(sample) for sample in samples_of_files(validation)]
    for spec in specs:
        name, weight = split_spec(spec)
        if name == PHANTOM:
            sources.append(Source(PHANTOM, weight))
            continue
        samples = [keep(sample) for sample in once_each(samples_of_files([Path(name)]))]
        if not samples:
            raise FormatError(f"{name}: there are no marked images")
        if not validation:
            samples, second, third = split(samples, seed)
            held, test = held + second, test + third
        sources.append(Source(name, weight, tuple(samples)))
    data = Data(tuple(sources), tuple(held), tuple(test))
    trained = [sample for source in sources for sample in source.samples]
    if seen is not None:
        seen(len([*trained, *held, *test]))
    learnt, apart = check_images(trained), check_images([*held, *test])
    if not validation and (both := learnt.keys() & apart.keys()):
        twice = min(both)
        raise FormatError(
            f"{apart[twice]}: held back, but trained on as {learnt[twice]}. "
            "Name every image in one --data alone."
        )
    return data


def split_spec(spec: str) -> tuple[str, float]:
    """``NAME:WEIGHT``; without a weight it is 1.

    >>> split_spec("phantom:3"), split_spec("a.csv")
    (('phantom', 3.0), ('a.csv', 1.0))
    """
    name, _, number = spec.rpartition(":")
    try:
        weight = float(number) if name else 1.0
    except ValueError:
        return spec, 1.0
    if not 0 < weight < float("inf"):
        raise FormatError(f"{spec}: a weight must be greater than 0")
    return (name, weight) if name else (spec, 1.0)


def once_each(samples: Sequence[Sample]) -> list[Sample]:
    """Each image once, where a folder marks it in several files, as an export does.

    JSON goes before CSV, for it says more of an image.
    """
    found: dict[tuple[Path, str], Sample] = {}
    for sample in sorted(samples, key=lambda sample: _truth_file(sample).suffix != ".json"):
        found.setdefault((_truth_file(sample).parent, _image_name(sample)), sample)
    return list(found.values())


def split(samples: Sequence[Sample], seed: int) -> tuple[list[Sample], list[Sample], list[Sample]]:
    """Training, validation and test parts of 70, 15 and 15 %, whatever the order and the folder.

    With fewer than four images all are trained on.
    """
    ordered = sorted(samples, key=lambda sample: _draw(_image_name(sample), seed))
    held = round(VALIDATION_SHARE * len(ordered)) if len(ordered) >= 4 else 0
    tested = round(TEST_SHARE * len(ordered)) if len(ordered) >= 4 else 0
    return ordered[held + tested :], ordered[:held], ordered[held : held + tested]


def check_images(samples: Iterable[Sample]) -> dict[str, str]:
    """Open every image once, so that a training does not end at one that cannot be used.

    Returns
    -------
    dict
        The samples' keys by the SHA-256 of their pixels.

    Raises
    ------
    FormatError
        For the first one, and why.
    """
    found = {}
    for sample in samples:
        try:
            image, truth = sample.open()
        except (UnreadableImage, ValueError) as error:
            raise FormatError(f"{sample.key}: {getattr(error, 'text', error)}") from error
        if (image.width, image.height) != (truth.width, truth.height):
            raise FormatError(
                f"{sample.key}: marked on {truth.width} x {truth.height} pixels, "
                f"the image has {image.width} x {image.height}"
            )
        found[hashlib.sha256(image.pixels.tobytes()).hexdigest()] = sample.key
    return found


def list_hash(samples: Sequence[Sample]) -> str:
    """SHA-256 of the images' names, which tells one list from another."""
    names = sorted(_image_name(sample) for sample in samples)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def _truth_file(sample: Sample) -> Path:
    return Path(sample.key.rpartition(": ")[0])


def _image_name(sample: Sample) -> str:
    return sample.key.rpartition(": ")[2]


def _draw(name: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()
