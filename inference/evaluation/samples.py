"""Samples for evaluation and training: landmark files with their images, and phantoms."""

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
from inference.annotations.plausibility import check_plausibility
from inference.annotations.verteread_json import image_from_document, read_verteread_json
from inference.dicom.dataset import looks_like_dicom, open_dataset
from inference.evaluation.image_size import image_size
from inference.evaluation.padding import pad_anterior_side
from inference.image import Image, image_from_dataset, read_image
from inference.phantom import Phantom, generate
from inference.phantom.anatomy import LEVELS
from inference.phantom.export import as_dataset

LANDMARK_ENDINGS = (".csv", ".json")
IMAGE_ENDINGS = ("", ".dcm", ".png", ".jpg", ".jpeg", ".DCM", ".PNG", ".JPG", ".JPEG")
IMAGE_FOLDERS = (".", "images")
FORMS: Final = ("NFC", "NFD")
"""Unicode forms to try: an export may use composed letters, and the disk separate accents."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One image with ground truth.

    Attributes
    ----------
    key
        Landmark file and name of the image, or name of the phantom.
    open
        Reads or draws the image; may raise `UnreadableImage`.
    version
        Changes with the image and its landmarks, so that saved results of another version are not
        reused.
    subject
        Code of the patient; empty if the file gives none.
    marked
        Whether any vertebral body is marked.
    """

    key: str
    open: Callable[[], tuple[Image, MarkedImage]]
    version: str = ""
    subject: str = ""
    marked: bool = True


def read_samples(paths: Iterable[Path]) -> list[Sample]:
    """Return the samples of landmark files.

    Parameters
    ----------
    paths
        makesense CSV, COCO or VerteRead JSON files, or folders of them. An image is expected next
        to its landmark file or in a folder ``images`` there, under the name given in the file (if
        necessary with another extension) or under that of the landmark file. In a folder each
        image is returned once even if several files describe it; JSON, which has more information,
        takes precedence over CSV.

    Raises
    ------
    FormatError
        If a file is not a landmark file; if landmarks contradict their levels, their image or each
        other; or if an image is missing or listed twice. In a folder, JSON and CSV files of other
        kinds are ignored as long as there is a landmark file.
    """
    samples: list[Sample] = []
    for path in paths:
        if path.is_dir():
            samples += _samples_in(path)
        else:
            samples += [sample for _, sample in _samples_of(path, _read_truth(path))]
    return samples


def phantom_samples(
    seeds: Sequence[int],
    *,
    partial: float = 0.1,
    padded: float = 0.0,
    family: tuple[str, ...] | None = None,
) -> Iterator[Sample]:
    """Yield phantoms, which are drawn when they are opened.

    Parameters
    ----------
    seeds
        One seed per phantom.
    partial
        Share of phantoms whose field of view ends anywhere.
    padded
        Share of phantoms with black padding anterior to the spine.
    family
        Families that are drawn in equal shares; by default all families by their shares.
    """
    for seed in seeds:
        # A separate random stream, so that padding does not change which phantom is drawn.
        pad = bool(np.random.default_rng([seed, 1]).random() < padded)
        key = f"phantom {seed}{' padded' if pad else ''}"
        version = f"partial {partial}" + (f", {' '.join(family)}" if family else "")
        yield Sample(key, _phantom_opener(seed, partial, pad, family), version)


def phantom_lumbar(phantom: Phantom) -> int:
    """Return the number of lumbar bodies of a phantom's subject."""
    return sum(
        bool(np.isfinite(corners).all())
        for name, corners in zip(LEVELS, phantom.corners, strict=True)
        if name.startswith("L")
    )


def _phantom_opener(
    seed: int, partial: float, pad: bool, family: tuple[str, ...] | None
) -> Callable[[], tuple[Image, MarkedImage]]:
    def draw() -> tuple[Image, MarkedImage]:
        phantom = generate(seed, family=family, partial=partial)
        if pad:
            phantom = pad_anterior_side(phantom, np.random.default_rng([seed, 2]))
        counted = phantom_lumbar(phantom) if phantom.truth["lumbar_count_visible"] else None
        truth = replace(image_from_document(phantom.truth), lumbar=counted)
        return image_from_dataset(as_dataset(phantom)), truth

    return draw


def _file_opener(path: Path, truth: MarkedImage) -> Callable[[], tuple[Image, MarkedImage]]:
    def read() -> tuple[Image, MarkedImage]:
        image = read_image(path)
        return image, replace(truth, family=truth.family or _scanner(path))

    return read


def _samples_of(landmark_file: Path, images: Sequence[MarkedImage]) -> list[tuple[Path, Sample]]:
    samples: dict[Path, Sample] = {}
    for truth in images:
        name = truth.file or landmark_file.stem
        path = _find_image(landmark_file, truth)
        if path in samples:
            raise FormatError(
                f"{landmark_file}: {name} is listed twice (both are the file {path.name}). "
                "Remove one of them, or give the other image a different file name."
            )
        _check_size(landmark_file, path, truth)
        samples[path] = Sample(
            f"{landmark_file}: {name}",
            _file_opener(path, truth),
            _version(path, truth),
            truth.subject or "",
            bool(truth.landmarks.bodies),
        )
    return list(samples.items())


def _check_size(landmark_file: Path, path: Path, truth: MarkedImage) -> None:
    size = image_size(path)
    marked = (truth.width, truth.height)
    # An unreadable size is reported later, when the pixels are decoded.
    if size is None or size == marked:
        return
    swapped = " Width and height are swapped." if size == marked[::-1] else ""
    raise FormatError(
        f"{landmark_file}: {truth.file or path.name}: marked on {marked[0]} x {marked[1]} pixels, "
        f"but the image has {size[0]} x {size[1]}.{swapped} Use the image that was marked, or "
        "correct width and height (x_dim and y_dim) together with the coordinates."
    )


def _ending(path: Path) -> str:
    return path.suffix.lower()


def _version(path: Path, truth: MarkedImage) -> str:
    # Size and time of change stand for the content, which would be slow to hash.
    status = path.stat()
    content = json.dumps([status.st_size, status.st_mtime_ns, repr(truth)])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _read_truth(path: Path) -> list[MarkedImage]:
    try:
        # Spreadsheet programs write a byte order mark.
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise FormatError(f"{path}: the file does not exist") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: not a text file, and therefore not a landmark file") from error
    except OSError as error:
        raise FormatError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        return [check_plausibility(image) for image in _marked_in(text, _ending(path))]
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
    ignored: list[FormatError] = []
    # JSON is sorted before CSV.
    for path in sorted(folder.iterdir(), key=lambda path: (_ending(path) == ".csv", path)):
        if _ending(path) in LANDMARK_ENDINGS:
            try:
                images = _read_truth(path)
            except FormatError as error:
                if _looks_like_landmarks(path):
                    raise
                ignored.append(error)
            else:
                # Entries of earlier files take precedence.
                by_image = {**dict(_samples_of(path, images)), **by_image}
    if ignored and not by_image:
        raise ignored[0]
    return list(by_image.values())


def _looks_like_landmarks(path: Path) -> bool:
    """Return whether a file that cannot be read was meant as a landmark file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if _ending(path) == ".csv":
            return looks_like_makesense(text)
        document = json.loads(text)
    except (OSError, ValueError, RecursionError, csv.Error):
        return False
    return isinstance(document, dict) and bool({"annotations", "landmarks"} & document.keys())


def _find_image(landmark_file: Path, truth: MarkedImage) -> Path:
    names = [Path(name) for name in (truth.file, landmark_file.stem) if name]
    forms = [Path(unicodedata.normalize(form, str(name))) for name in names for form in FORMS]
    for name in dict.fromkeys([*names, *forms]):
        for folder in IMAGE_FOLDERS:
            path = landmark_file.parent / folder / name
            for candidate in (path, *(path.with_suffix(ending) for ending in IMAGE_ENDINGS)):
                if candidate.is_file() and candidate != landmark_file:
                    return candidate
    raise FormatError(
        f"{landmark_file}: the image {names[0]} was not found. Put it next to this file or in a "
        "folder named images there."
    )


def _scanner(path: Path) -> str | None:
    """Return manufacturer and model of a DICOM file, which serve as scanner family."""
    data = path.read_bytes()
    if not looks_like_dicom(data):
        return None
    header = open_dataset(data)
    parts = (header.get("Manufacturer"), header.get("ManufacturerModelName"))
    return " ".join(str(part).strip() for part in parts if part) or None
