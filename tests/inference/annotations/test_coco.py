import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.annotations.coco import read_coco, write_coco
from inference.annotations.marked_images import FormatError, MarkedImage
from tests.inference.annotations.marks import POINTS, bodies, marked, same
from tests.inference.spines import straight

BODIES = bodies(st.none() | POINTS, st.none() | st.floats(0, 1))


@given(st.lists(marked(BODIES, anterior=st.sampled_from([None, "right", "left"])), max_size=3))
def test_landmarks_survive_a_round_trip(images):
    restored = read_coco(write_coco(images))
    assert len(restored) == len(images)
    for one, other in zip(images, restored, strict=True):
        assert same(one.landmarks, other.landmarks)
        assert (one.file, one.width, one.anterior) == (other.file, other.width, other.anterior)
        assert {v: b.confidence for v, b in one.landmarks.bodies.items()} == {
            v: b.confidence for v, b in other.landmarks.bodies.items()
        }


def test_origin_of_the_corners_survives_a_round_trip():
    origin = {"source": "moved", "by": "CO01", "version": 2}
    (restored,) = read_coco(write_coco([MarkedImage("a.png", 300, 400, straight(), origin=origin)]))
    assert restored.origin == origin


@pytest.mark.parametrize(("value", "code"), [("trial/P0001", "trial/P0001"), (7, "7"), ("", None)])
def test_code_of_the_patient_is_read_as_text(value, code):
    document = json.loads(write_coco([MarkedImage("a.png", 300, 400, straight(), subject="x")]))
    document["images"][0]["subject"] = value
    assert read_coco(json.dumps(document))[0].subject == code


def test_document_has_the_shape_of_coco_keypoints():
    document = json.loads(write_coco([MarkedImage("a.png", 300, 400, straight())]))
    assert document["images"] == [{"id": 1, "file_name": "a.png", "width": 300, "height": 400}]
    first = document["annotations"][0]
    assert (first["id"], first["image_id"], first["category_id"]) == (1, 1, 1)
    assert first["keypoints"] == [100, 100, 2, 140, 100, 2, 100, 130, 2, 140, 130, 2]
    assert (first["bbox"], first["area"], first["num_keypoints"]) == ([100, 100, 40, 30], 1200, 4)
    assert [c["name"] for c in document["categories"]] == ["T12", "L1", "L2", "L3", "L4", "L5"]


def test_other_categories_are_ignored():
    document = json.loads(write_coco([MarkedImage("a.png", 300, 400, straight())]))
    document["categories"].append({"id": 99, "name": "rib", "keypoints": []})
    document["annotations"].append({"id": 99, "image_id": 1, "category_id": 99})
    assert read_coco(json.dumps(document))[0].landmarks == straight()


@pytest.mark.parametrize("name", ["T11", "t11", "Th12", "S1", "L6", "vertebra T11", "T-11"])
def test_mark_of_another_vertebra_is_rejected_because_levels_may_be_shifted(name):
    document = json.loads(write_coco([MarkedImage("a.png", 300, 400, straight())]))
    document["categories"].append({"id": 99, "name": name, "keypoints": []})
    assert read_coco(json.dumps(document))[0].landmarks == straight(), "the category is not used"
    document["annotations"].append({"id": 40, "image_id": 1, "category_id": 99})
    with pytest.raises(FormatError, match=f"annotation 40: {name} is not one of T12, L1"):
        read_coco(json.dumps(document))


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "{}",
        "[]",
        '{"categories": [{"id": 1, "name": "L1", "keypoints": ["a"]}]}',
        '{"categories": [], "annotations": [], "images": [{"id": 1}]}',
    ],
)
def test_other_files_are_rejected(text):
    with pytest.raises(FormatError):
        read_coco(text)


def test_document_without_any_of_the_six_levels_is_rejected():
    document = json.loads(write_coco([MarkedImage("a.png", 300, 400, straight())]))
    for category in document["categories"]:
        category["name"] = f"Vertebra {category['name']}"
    with pytest.raises(FormatError, match=r"no category is named T12, .*categories: Vertebra T12"):
        read_coco(json.dumps(document))


@pytest.mark.parametrize("x", [float("nan"), float("inf"), 5000.0, -400.0])
def test_corner_far_outside_the_image_is_rejected(x):
    document = json.loads(write_coco([MarkedImage("a.png", 300, 400, straight())]))
    document["annotations"][0]["keypoints"][3] = x
    with pytest.raises(
        FormatError, match=r"a\.png: superior_anterior of T12 at .* does not lie on"
    ):
        read_coco(json.dumps(document))


def document_of(**changes):
    """Return a document of one image, with the first annotation changed."""
    document = json.loads(write_coco([MarkedImage("a.png", 300, 400, straight())]))
    document["annotations"][0] |= changes
    return document


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"category_id": 2}, r"a\.png: L1 is marked twice \(annotation 1 and annotation 2\)"),
        ({"category_id": 77}, "annotation 1: there is no category with the id 77"),
        ({"image_id": "1"}, "annotation 1: there is no image with the id 1"),
        ({"keypoints": [1, 2, 2]}, "annotation 1: 3 keypoint values, but 12 are needed"),
        ({"keypoints": [100, 100, 2] * 5}, "annotation 1: 15 keypoint values, but 12 are needed"),
        (
            {"keypoints": [100, 100, 0] + [140, 100, 2] * 3},
            r"annotation 1: superior_posterior is at \(100, 100\) but has visibility 0",
        ),
        ({"keypoints": [100, float("nan"), 2] * 4}, r"does not lie on .* \(annotation 1\)"),
    ],
)
def test_annotation_that_contradicts_the_document_is_rejected(changes, sentence):
    with pytest.raises(FormatError, match=sentence):
        read_coco(json.dumps(document_of(**changes)))


def test_repeated_ids_are_rejected():
    document = document_of()
    document["images"].append(dict(document["images"][0], file_name="b.png"))
    with pytest.raises(FormatError, match=r"b\.png: the image id 1 is used twice"):
        read_coco(json.dumps(document))
    document = document_of()
    document["categories"][1]["id"] = 1
    with pytest.raises(FormatError, match="the category id 1 is used twice"):
        read_coco(json.dumps(document))


def test_categories_are_case_insensitive():
    document = document_of()
    document["categories"][1]["name"] = " l1 "
    assert read_coco(json.dumps(document))[0].landmarks == straight()
