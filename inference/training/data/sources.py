"""What a training learns from: phantoms, marked images, and their shares."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from inference.annotations.marked_images import FormatError
from inference.evaluation.samples import Sample, read_samples
from inference.image import UnreadableImage
from inference.training.data.image_cache import ImageCache
from inference.training.data.split import Rule, image_name, map_patients_to_parts, split, split_rule

PHANTOM: Final = "phantom"


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
    """Sources with the parts of their images that are not trained on.

    ``rule`` is what kept images together when they were split, ``named`` where those to choose by
    were named instead, ``None`` where there are no images. ``validation_seen`` counts those of them
    that are also trained on, or show a patient who is. ``content`` tells all images and their marks
    from others, whichever part they are in.
    """

    sources: tuple[Source, ...]
    validation: tuple[Sample, ...] = ()
    test: tuple[Sample, ...] = ()
    rule: Rule | Literal["named"] | None = None
    validation_seen: int = 0
    content: str = ""

    @property
    def trained(self) -> list[Sample]:
        return [sample for source in self.sources for sample in source.samples]

    @property
    def marked_images(self) -> int:
        return len(self.trained)

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
    seen: Callable[[int, int], object] | None = None,
    opened: ImageCache | None = None,
) -> Data:
    """Sources as they are named on the command line.

    Parameters
    ----------
    specs
        ``phantom``, or a truth file or folder as ``evaluate`` takes it, each with ``:WEIGHT``.
    seed
        Of the split of 70/15/15, by patient where the files name one and by image elsewhere. A
        patient of two sources is in the same part of both.
    validation
        Truth files with images of their own: then every image of ``specs`` is trained on.
    seen
        Told how many images there are before they are read, and how many more are left out since
        nothing is marked on them.
    opened
        Where images are kept; one of its own where ``None``.

    Raises
    ------
    FormatError
        For a file that is no truth, for a source without a mark, for an image that cannot be used,
        and for one in two sources of which one trains on it and the other holds it back.
    """
    keep = (opened or ImageCache()).keep
    sources, test, unmarked = [], list[Sample](), 0
    held = [keep(sample) for sample in read_samples(validation) if sample.marked]
    if validation and not held:
        raise FormatError(f"{validation[0]}: there are no marked images to choose the weights by")
    settled: dict[str, int] = {}
    for spec in specs:
        name, weight = split_spec(spec)
        if name == PHANTOM:
            sources.append(Source(PHANTOM, weight))
            continue
        found = deduplicate_images(read_samples([Path(name)]))
        samples = [keep(sample) for sample in found if sample.marked]
        unmarked += len(found) - len(samples)
        if not samples:
            raise FormatError(f"{name}: there are no marked images")
        if not validation:
            parts = split(samples, seed, settled)
            settled |= map_patients_to_parts(parts)
            samples, second, third = parts
            held, test = held + second, test + third
        sources.append(Source(str(Path(name)), weight, tuple(samples)))
    trained = [sample for source in sources for sample in source.samples]
    if seen is not None:
        seen(len([*trained, *held, *test]), unmarked)
    checked = check_images([*trained, *held, *test])
    learnt = {checked[sample.key].pixels: sample.key for sample in trained}
    apart = {checked[sample.key].pixels: sample.key for sample in [*held, *test]}
    both = {apart[pixels] for pixels in learnt.keys() & apart.keys()}
    if both and not validation:
        twice = min(learnt.keys() & apart.keys())
        raise FormatError(
            f"{apart[twice]}: held back, but trained on as {learnt[twice]}. "
            "Name every image in one --data alone."
        )
    patients = {sample.subject for sample in trained if sample.subject}
    return Data(
        tuple(sources),
        tuple(held),
        tuple(test),
        rule=_rule(trained, held, test, named=bool(validation)),
        validation_seen=sum(s.key in both or s.subject in patients for s in held),
        content=_digest(sorted(_digest([one.pixels, one.marks]) for one in checked.values())),
    )


def split_spec(spec: str) -> tuple[str, float]:
    """``NAME:WEIGHT``; without a weight it is 1.

    Examples
    --------
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


def deduplicate_images(samples: Sequence[Sample]) -> list[Sample]:
    """Each image once, where a folder marks it in several files, as an export does.

    JSON goes before CSV, for it says more of an image.
    """
    found: dict[tuple[Path, str], Sample] = {}
    for sample in sorted(samples, key=lambda sample: _truth_file(sample).suffix != ".json"):
        found.setdefault((_truth_file(sample).parent, image_name(sample)), sample)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Checked:
    """What an image shows, as the SHA-256 of its pixels, and what is marked on it, in words."""

    pixels: str
    marks: str


def check_images(samples: Iterable[Sample]) -> dict[str, Checked]:
    """Open every image once, so that a training does not end at one that cannot be used.

    Returns
    -------
    dict
        By the samples' keys.

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
        marks = f"{truth.anterior} {truth.landmarks.to_dict()}"
        found[sample.key] = Checked(hashlib.sha256(image.pixels.tobytes()).hexdigest(), marks)
    return found


def list_hash(samples: Sequence[Sample]) -> str:
    """SHA-256 of the images' names, which tells one list from another."""
    return _digest(sorted(image_name(sample) for sample in samples))


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _truth_file(sample: Sample) -> Path:
    return Path(sample.key.rpartition(": ")[0])


def _rule(*parts: Sequence[Sample], named: bool) -> Rule | Literal["named"] | None:
    if named:
        return "named"
    samples = [sample for part in parts for sample in part]
    return split_rule(samples) if samples else None
