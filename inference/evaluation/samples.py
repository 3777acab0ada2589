"""Where truth comes from: landmark files with their images, and phantoms that are drawn anew."""

from __future__ import annotations

import csv
import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from inference.annotations.coco import read_coco
from inference.annotations.makesense import looks_like_makesense, read_makesense
from inference.annotations.marked_images import FormatError, MarkedImage
from inference.annotations.plausibility import plausible
from inference.annotations.verteread_json import image_from_document, read_verteread_json
from inference.dicom.dataset import looks_like_dicom, open_dataset
from inference.evaluation.image_size import image_size
from inference.evaluation.padding import pad_anterior_side
from inference.image import Image, image_from_dataset, read_image
from inference.phantom import generate
from inference.phantom.export import as_dataset

TRUTH_ENDINGS = (".csv", ".json")
IMAGE_ENDINGS = ("", ".dcm", ".png", ".jpg", ".jpeg", ".DCM", ".PNG", ".JPG", ".JPEG")
IMAGE_FOLDERS = (".", "images")
FORMS: Final = ("NFC", "NFD")
"""An export may write a name with composed letters, and the disk with separate accents."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One image to evaluate on; ``open`` reads or draws it, and may raise `UnreadableImage`.

    ``version`` changes with the image and its truth: what an earlier run found for another one does
    not count. ``subject`` is the patient's code, empty where the truth gives none. ``marked`` is
    whether the truth marks any body.
    """

    key: str
    open: Callable[[], tuple[Image, MarkedImage]]
    version: str = ""
    subject: str = ""
    marked: bool = True


def read_samples(paths: Iterable[Path]) -> list[Sample]:
    """The images that truth files speak of.

    Parameters
    ----------
    paths
        makesense CSV, COCO or our JSON, or folders of them. An image lies beside its truth or in
        a folder ``images`` there, under the name that the truth gives (with another ending, if
        need be) or under the truth's own. In a folder each image counts once, also where several
        files speak of it: JSON, which tells more, goes before CSV.

    Raises
    ------
    FormatError
        For a file that is no truth, for marks that contradict their levels, their image or each
        other, and for an image that is not there or is listed twice. In a folder, JSON and CSV
        files of other kinds are passed over, as long as there are some of ours.
    """
    samples: list[Sample] = []
    for path in paths:
        if path.is_dir():
            samples += _samples_in(path)
        else:
            samples += [sample for _, sample in _samples_of(path, _read_truth(path))]
    return samples


def phantom_samples(
    seeds: Sequence[int], *, partial: float = 0.1, padded: float = 0.0
) -> Iterator[Sample]:
    """Phantoms, drawn when they are opened; the share ``padded`` of them gets a padded front."""
    for seed in seeds:
        pad = bool(np.random.default_rng([seed, 1]).random() < padded)
        key = f"phantom {seed}{' padded' if pad else ''}"
        yield Sample(key, _drawing(seed, partial, pad), f"partial {partial}")


def _drawing(seed: int, partial: float, pad: bool) -> Callable[[], tuple[Image, MarkedImage]]:
    def draw() -> tuple[Image, MarkedImage]:
        phantom = generate(seed, partial=partial)
        if pad:
            phantom = pad_anterior_side(phantom, np.random.default_rng([seed, 2]))
        return image_from_dataset(as_dataset(phantom)), image_from_document(phantom.truth)

    return draw


def _reading(path: Path, truth: MarkedImage) -> Callable[[], tuple[Image, MarkedImage]]:
    def read() -> tuple[Image, MarkedImage]:
        image = read_image(path)
        return image, replace(truth, family=truth.family or _scanner(path))

    return read


def _samples_of(truth_file: Path, images: Sequence[MarkedImage]) -> list[tuple[Path, Sample]]:
    samples: dict[Path, Sample] = {}
    for truth in images:
        name = truth.file or truth_file.stem
        path = _image_beside(truth_file, truth)
        if path in samples:
            raise FormatError(
                f"{truth_file}: {name} is listed twice (both mean the file {path.name}). Keep one "
                "of the two, or give the other image its own file name."
            )
        _check_size(truth_file, path, truth)
        samples[path] = Sample(
            f"{truth_file}: {name}",
            _reading(path, truth),
            _version(path, truth),
            truth.subject or "",
            bool(truth.landmarks.bodies),
        )
    return list(samples.items())


def _check_size(truth_file: Path, path: Path, truth: MarkedImage) -> None:
    size = image_size(path)
    marked = (truth.width, truth.height)
    if size is None or size == marked:
        return
    swapped = " Width and height were exchanged." if size == marked[::-1] else ""
    raise FormatError(
        f"{truth_file}: {truth.file or path.name}: marked on {marked[0]} x {marked[1]} pixels, the "
        f"image has {size[0]} x {size[1]}.{swapped} Use the image that was marked, or correct "
        "width and height (x_dim and y_dim) and the coordinates with them."
    )


def _ending(path: Path) -> str:
    return path.suffix.lower()


def _version(path: Path, truth: MarkedImage) -> str:
    written = path.stat()
    told = json.dumps([written.st_size, written.st_mtime_ns, repr(truth)])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _read_truth(path: Path) -> list[MarkedImage]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise FormatError(f"{path}: there is no such file") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: no text, and so no file of landmarks") from error
    except OSError as error:
        raise FormatError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        return [plausible(image) for image in _marked_in(text, _ending(path))]
    except (ValueError, OverflowError, RecursionError, csv.Error) as error:
        raise FormatError(f"{path}: {error}") from error


def _marked_in(text: str, ending: str) -> list[MarkedImage]:
    if ending == ".csv":
        return read_makesense(text)
    document = json.loads(text)
    if isinstance(document, dict) and "annotations" in document:
        return read_coco(text)
    return [read_verteread_json(text)]


def _samples_in(folder: Path) -> list[Sample]:
    by_image: dict[Path, Sample] = {}
    others: list[FormatError] = []
    for path in sorted(folder.iterdir(), key=lambda path: (_ending(path) == ".csv", path)):
        if _ending(path) in TRUTH_ENDINGS:
            try:
                images = _read_truth(path)
            except FormatError as error:
                if _claims_truth(path):
                    raise
                others.append(error)
            else:
                by_image = {**dict(_samples_of(path, images)), **by_image}
    if others and not by_image:
        raise others[0]
    return list(by_image.values())


def _claims_truth(path: Path) -> bool:
    """Whether a file that cannot be read was meant to hold landmarks."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if _ending(path) == ".csv":
            return looks_like_makesense(text)
        document = json.loads(text)
    except (OSError, ValueError, RecursionError, csv.Error):
        return False
    return isinstance(document, dict) and bool({"annotations", "landmarks"} & document.keys())


def _image_beside(truth_file: Path, truth: MarkedImage) -> Path:
    names = [Path(name) for name in (truth.file, truth_file.stem) if name]
    forms = [Path(unicodedata.normalize(form, str(name))) for name in names for form in FORMS]
    for name in dict.fromkeys([*names, *forms]):
        for folder in IMAGE_FOLDERS:
            place = truth_file.parent / folder / name
            for tried in (place, *(place.with_suffix(ending) for ending in IMAGE_ENDINGS)):
                if tried.is_file() and tried != truth_file:
                    return tried
    raise FormatError(f"{truth_file}: no image {names[0]} lies beside it")


def _scanner(path: Path) -> str | None:
    """Maker and model in a DICOM header, which stand for the family."""
    data = path.read_bytes()
    if not looks_like_dicom(data):
        return None
    header = open_dataset(data)
    parts = (header.get("Manufacturer"), header.get("ManufacturerModelName"))
    return " ".join(str(part).strip() for part in parts if part) or None
