"""Landmarks as COCO keypoints: one annotation a vertebra, six categories, four keypoints each.

Coordinates stay as they are everywhere in VerteRead: pixel centres at whole numbers. A corner that
is not there is ``0, 0, 0``, as COCO wants it; the others have visibility 2.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from inference.annotations.marked_images import (
    FormatError,
    MarkedImage,
    checked,
    parse_subject_code,
    parse_vertebra,
)
from inference.results import CORNERS, VERTEBRAE, Body, Landmarks, Point, Vertebra

OUTLINE = [[1, 2], [2, 4], [4, 3], [3, 1]]
VISIBLE = 2
OWN_KEYS = ("anterior", "spacing_mm", "family", "crop", "subject", "origin")
"""What an image may say beyond COCO."""


def write_coco(images: Iterable[MarkedImage]) -> str:
    """The images as one JSON document, corners to a thousandth of a pixel."""
    shown: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    for image in images:
        number = len(shown) + 1
        own = {key: getattr(image, key) for key in OWN_KEYS}
        size = {"file_name": image.file, "width": image.width, "height": image.height}
        shown.append({"id": number, **size, **{k: v for k, v in own.items() if v is not None}})
        for vertebra, body in image.landmarks.bodies.items():
            marks.append({"id": len(marks) + 1, "image_id": number, **_annotation(vertebra, body)})
    categories = [
        {
            "id": place,
            "name": vertebra.value,
            "supercategory": "vertebra",
            "keypoints": list(CORNERS),
            "skeleton": OUTLINE,
        }
        for place, vertebra in enumerate(VERTEBRAE, start=1)
    ]
    info = {"description": "Corners of vertebral bodies; pixel centres at whole numbers."}
    document = {"info": info, "images": shown, "annotations": marks, "categories": categories}
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def read_coco(text: str) -> list[MarkedImage]:
    """The images of a JSON document; categories that are no vertebra are passed over.

    Raises
    ------
    FormatError
        Where the document is not COCO, none of its categories is one of T12 to L5, a vertebra's
        keypoints are not the four corners, an image has a vertebra twice, or an annotation belongs
        to no image or category.
    """
    try:
        document = json.loads(text)
        names = _categories(document["categories"])
        others = {category["id"] for category in document["categories"]} - names.keys()
        images = _by_id(document["images"])
        bodies: dict[Any, dict[Vertebra, Body]] = {}
        places: dict[Any, dict[Vertebra, str]] = {}
        for place, mark in enumerate(document["annotations"], start=1):
            if mark["category_id"] in others:
                continue
            name = f"annotation {mark.get('id', f'number {place}')}"
            number, vertebra = _target(mark, name, images, names)
            if vertebra in bodies.setdefault(number, {}):
                raise FormatError(
                    f"{images[number].get('file_name')}: {vertebra} is marked twice "
                    f"({places[number][vertebra]} and {name}). Delete one of them."
                )
            bodies[number][vertebra] = _body(mark, name)
            places.setdefault(number, {})[vertebra] = name
        return [
            checked(_image(image, bodies.get(number, {}), places.get(number, {})))
            for number, image in images.items()
        ]
    except FormatError:
        raise
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise FormatError(f"not a COCO keypoint file ({error!r})") from error


def _categories(categories: Sequence[Mapping[str, Any]]) -> dict[Any, Vertebra]:
    names: dict[Any, Vertebra] = {}
    numbers = [category["id"] for category in categories]
    for category in categories:
        vertebra = parse_vertebra(category["name"])
        if numbers.count(category["id"]) > 1:
            raise FormatError(f"the category id {category['id']} stands twice. Number them anew.")
        if vertebra is not None:
            if tuple(category["keypoints"]) != CORNERS:
                raise FormatError(f"the keypoints of {category['name']} must be {list(CORNERS)}")
            names[category["id"]] = vertebra
    if not names:
        found = ", ".join(str(category["name"]) for category in categories) or "none at all"
        raise FormatError(f"no category is called {', '.join(VERTEBRAE)} (there are: {found})")
    return names


def _by_id(images: Sequence[Mapping[str, Any]]) -> dict[Any, Mapping[str, Any]]:
    by_id: dict[Any, Mapping[str, Any]] = {}
    for image in images:
        if image["id"] in by_id:
            raise FormatError(
                f"{image.get('file_name')}: the image id {image['id']} stands twice. Give every "
                "image an id of its own."
            )
        by_id[image["id"]] = image
    return by_id


def _target(
    mark: Mapping[str, Any],
    name: str,
    images: Mapping[Any, Mapping[str, Any]],
    names: Mapping[Any, Vertebra],
) -> tuple[Any, Vertebra]:
    """Return the image's id and the vertebra of an annotation."""
    if mark["image_id"] not in images:
        raise FormatError(f"{name}: there is no image with the id {mark['image_id']}. Correct it.")
    if mark["category_id"] not in names:
        raise FormatError(
            f"{name}: there is no category with the id {mark['category_id']}. Correct it."
        )
    return mark["image_id"], names[mark["category_id"]]


def _annotation(vertebra: Vertebra, body: Body) -> dict[str, Any]:
    corners: list[Point | None] = [getattr(body, corner) for corner in CORNERS]
    there = [corner for corner in corners if corner is not None]
    xs, ys = [x for x, _ in there] or [0.0], [y for _, y in there] or [0.0]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    keypoints: list[float] = []
    for corner in corners:
        keypoints += [0, 0, 0] if corner is None else [*_rounded(corner), VISIBLE]
    mark: dict[str, Any] = {
        "category_id": VERTEBRAE.index(vertebra) + 1,
        "keypoints": keypoints,
        "num_keypoints": len(there),
        "bbox": [*_rounded((min(xs), min(ys))), *_rounded((width, height))],
        "area": round(width * height, 3),
        "iscrowd": 0,
    }
    return mark if body.confidence is None else {**mark, "score": body.confidence}


def _body(mark: Mapping[str, Any], name: str) -> Body:
    values = mark["keypoints"]
    if len(values) != 3 * len(CORNERS):
        raise FormatError(
            f"{name}: {len(values)} keypoint values; 12 are needed, x, y and visibility of each "
            "corner. Correct it."
        )
    corners: dict[str, Point | None] = {}
    for corner, (x, y, visibility) in zip(CORNERS, _by_three(values), strict=True):
        if not visibility and (x or y):
            raise FormatError(
                f"{name}: {corner} is at ({x:g}, {y:g}) but has visibility 0. Set the visibility "
                "to 2, or both coordinates to 0 if the corner was not marked."
            )
        corners[corner] = (float(x), float(y)) if visibility else None
    return Body(**corners, confidence=mark.get("score"))


def _by_three(values: Sequence[Any]) -> list[Sequence[Any]]:
    """Return the values three by three."""
    return [values[start : start + 3] for start in range(0, len(values), 3)]


def _image(
    image: Mapping[str, Any], bodies: Mapping[Vertebra, Body], places: Mapping[Vertebra, str]
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
        places=places,
    )


def _rounded(point: Point) -> list[float]:
    return [round(point[0], 3), round(point[1], 3)]
