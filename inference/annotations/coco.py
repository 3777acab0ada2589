"""Read and write landmarks as COCO keypoints: one annotation per vertebra with four keypoints.

Coordinates are in original image pixels with pixel centres at integers. A missing corner is
``0, 0, 0``, as COCO requires; all others have visibility 2.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from inference.annotations.marked_images import (
    FormatError,
    MarkedImage,
    is_level_name,
    parse_subject_code,
    parse_vertebra,
    validate_landmarks,
)
from inference.results import CORNERS, VERTEBRAE, Body, Landmarks, Point, Vertebra

OUTLINE = [[1, 2], [2, 4], [4, 3], [3, 1]]
"""Edges of the skeleton, numbered from 1 as COCO requires."""
VISIBLE = 2
"""COCO visibility of a labelled and visible keypoint."""
EXTENSION_KEYS = ("anterior", "spacing_mm", "family", "crop", "subject", "origin")
"""Keys of an image that extend COCO."""


def write_coco(images: Iterable[MarkedImage]) -> str:
    """Return images as one JSON document, with corners rounded to 0.001 pixels."""
    image_entries: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    for image in images:
        number = len(image_entries) + 1
        extensions = {key: getattr(image, key) for key in EXTENSION_KEYS}
        size = {"file_name": image.file, "width": image.width, "height": image.height}
        given = {key: value for key, value in extensions.items() if value is not None}
        image_entries.append({"id": number, **size, **given})
        for vertebra, body in image.landmarks.bodies.items():
            marks.append({"id": len(marks) + 1, "image_id": number, **_annotation(vertebra, body)})
    categories = [
        {
            "id": number,
            "name": vertebra.value,
            "supercategory": "vertebra",
            "keypoints": list(CORNERS),
            "skeleton": OUTLINE,
        }
        for number, vertebra in enumerate(VERTEBRAE, start=1)
    ]
    info = {"description": "Corners of vertebral bodies; pixel centres at integers."}
    document = {
        "info": info,
        "images": image_entries,
        "annotations": marks,
        "categories": categories,
    }
    # NaN is not valid JSON, and other programs reject it.
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def read_coco(text: str) -> list[MarkedImage]:
    """Return the images of a JSON document; categories that name no vertebra are ignored.

    Raises
    ------
    FormatError
        If the document is not COCO, none of its categories is T12 to L5, a vertebra other than T12
        to L5 is marked, the keypoints of a vertebra are not the four corners, an image has a
        vertebra twice, or an annotation refers to a missing image or category.
    """
    try:
        document = json.loads(text)
        names = _categories(document["categories"])
        # Other categories, such as ribs or implants, are allowed and ignored.
        others = {
            category["id"]: str(category["name"])
            for category in document["categories"]
            if category["id"] not in names
        }
        images = _by_id(document["images"])
        bodies: dict[Any, dict[Vertebra, Body]] = {}
        locations: dict[Any, dict[Vertebra, str]] = {}
        for index, mark in enumerate(document["annotations"], start=1):
            name = f"annotation {mark.get('id', f'number {index}')}"
            if mark["category_id"] in others:
                _check_is_no_level(others[mark["category_id"]], name)
                continue
            number, vertebra = _target(mark, name, images, names)
            if vertebra in bodies.setdefault(number, {}):
                raise FormatError(
                    f"{images[number].get('file_name')}: {vertebra} is marked twice "
                    f"({locations[number][vertebra]} and {name}). Delete one of them."
                )
            bodies[number][vertebra] = _body(mark, name)
            locations.setdefault(number, {})[vertebra] = name
        return [
            validate_landmarks(_image(image, bodies.get(number, {}), locations.get(number, {})))
            for number, image in images.items()
        ]
    except FormatError:
        raise
    # Any missing key or value of a wrong type means that the file is not COCO.
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise FormatError(f"not a COCO keypoint file ({error!r})") from error


def _categories(categories: Sequence[Mapping[str, Any]]) -> dict[Any, Vertebra]:
    names: dict[Any, Vertebra] = {}
    numbers = [category["id"] for category in categories]
    for category in categories:
        vertebra = parse_vertebra(category["name"])
        if numbers.count(category["id"]) > 1:
            raise FormatError(
                f"the category id {category['id']} is used twice. Renumber the categories."
            )
        if vertebra is not None:
            if tuple(category["keypoints"]) != CORNERS:
                raise FormatError(f"the keypoints of {category['name']} must be {list(CORNERS)}")
            names[category["id"]] = vertebra
    if not names:
        present = ", ".join(str(category["name"]) for category in categories) or "none"
        raise FormatError(f"no category is named {', '.join(VERTEBRAE)} (categories: {present})")
    return names


def _check_is_no_level(category: str, name: str) -> None:
    """Raise FormatError for a mark of another vertebra, which shows that levels may be shifted."""
    if is_level_name(category):
        raise FormatError(
            f"{name}: {category} is not one of {', '.join(VERTEBRAE)}. Correct the level, or "
            "delete the annotation."
        )


def _by_id(images: Sequence[Mapping[str, Any]]) -> dict[Any, Mapping[str, Any]]:
    by_id: dict[Any, Mapping[str, Any]] = {}
    for image in images:
        if image["id"] in by_id:
            raise FormatError(
                f"{image.get('file_name')}: the image id {image['id']} is used twice. Give "
                "every image its own id."
            )
        by_id[image["id"]] = image
    return by_id


def _target(
    mark: Mapping[str, Any],
    name: str,
    images: Mapping[Any, Mapping[str, Any]],
    names: Mapping[Any, Vertebra],
) -> tuple[Any, Vertebra]:
    """Return the image id and the vertebra of an annotation."""
    if mark["image_id"] not in images:
        raise FormatError(f"{name}: there is no image with the id {mark['image_id']}. Correct it.")
    if mark["category_id"] not in names:
        raise FormatError(
            f"{name}: there is no category with the id {mark['category_id']}. Correct it."
        )
    return mark["image_id"], names[mark["category_id"]]


def _annotation(vertebra: Vertebra, body: Body) -> dict[str, Any]:
    """Return one body as an annotation, without the ids of annotation and image."""
    corners: list[Point | None] = [getattr(body, corner) for corner in CORNERS]
    present = [corner for corner in corners if corner is not None]
    # COCO needs a bounding box even if no corner is present.
    xs, ys = [x for x, _ in present] or [0.0], [y for _, y in present] or [0.0]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    keypoints: list[float] = []
    for corner in corners:
        keypoints += [0, 0, 0] if corner is None else [*_rounded(corner), VISIBLE]
    mark: dict[str, Any] = {
        "category_id": VERTEBRAE.index(vertebra) + 1,
        "keypoints": keypoints,
        "num_keypoints": len(present),
        "bbox": [*_rounded((min(xs), min(ys))), *_rounded((width, height))],
        "area": round(width * height, 3),
        # Required by COCO tools, although it does not apply to keypoints.
        "iscrowd": 0,
    }
    return mark if body.confidence is None else {**mark, "score": body.confidence}


def _body(mark: Mapping[str, Any], name: str) -> Body:
    values = mark["keypoints"]
    if len(values) != 3 * len(CORNERS):
        raise FormatError(
            f"{name}: {len(values)} keypoint values, but 12 are needed (x, y and visibility of "
            "each corner). Correct it."
        )
    corners: dict[str, Point | None] = {}
    for corner, (x, y, visibility) in zip(CORNERS, _by_three(values), strict=True):
        # Coordinates with visibility 0 are ambiguous: the corner may or may not have been marked.
        if not visibility and (x or y):
            raise FormatError(
                f"{name}: {corner} is at ({x:g}, {y:g}) but has visibility 0. Set the visibility "
                "to 2, or both coordinates to 0 if the corner was not marked."
            )
        corners[corner] = (float(x), float(y)) if visibility else None
    return Body(**corners, confidence=mark.get("score"))


def _by_three(values: Sequence[Any]) -> list[Sequence[Any]]:
    """Return the values in groups of three."""
    return [values[start : start + 3] for start in range(0, len(values), 3)]


def _image(
    image: Mapping[str, Any], bodies: Mapping[Vertebra, Body], locations: Mapping[Vertebra, str]
) -> MarkedImage:
    spacing = image.get("spacing_mm")
    return MarkedImage(
        file=str(image["file_name"]),
        width=int(image["width"]),
        height=int(image["height"]),
        landmarks=Landmarks(bodies),
        anterior=image.get("anterior"),
        spacing_mm=None if spacing is None else (float(spacing[0]), float(spacing[1])),
        family=image.get("family"),
        crop=image.get("crop"),
        subject=parse_subject_code(image.get("subject")),
        origin=image.get("origin"),
        locations=locations,
    )


def _rounded(point: Point) -> list[float]:
    return [round(point[0], 3), round(point[1], 3)]
