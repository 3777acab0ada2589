from __future__ import annotations

import json
import shutil
from pathlib import Path

import PIL.Image
import pytest

from inference.annotations.coco import read_coco
from inference.annotations.makesense import write_makesense
from inference.annotations.marked_images import FormatError
from inference.training.data.sources import read_data, split_spec
from tests.inference.training.marked_images import write_marked


def test_weight_follows_a_colon() -> None:
    assert split_spec("phantom:2.5") == ("phantom", 2.5)
    assert split_spec("C:/labels.csv") == ("C:/labels.csv", 1.0)
    with pytest.raises(FormatError, match="greater than 0"):
        split_spec("phantom:0")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_marked(tmp_path_factory.mktemp("data") / "export", range(3_000_000, 3_000_005))


def test_coco_and_makesense_give_the_same_data(folder: Path, tmp_path: Path) -> None:
    text = write_makesense(read_coco((folder / "landmarks.json").read_text()))
    shutil.copytree(folder / "images", tmp_path / "images")
    (tmp_path / "labels.csv").write_text(text)
    one = read_data([str(folder)], seed=0)
    other = read_data([f"{tmp_path / 'labels.csv'}:2", "phantom"], seed=0)
    assert [len(source.samples) for source in one.sources] == [3]
    assert [source.weight for source in other.sources] == [2.0, 1.0]
    assert (
        one.to_dict()["sources"][0]["list_sha256"] == (other.to_dict()["sources"][0]["list_sha256"])
    )
    assert (len(one.validation), len(one.test)) == (1, 1)
    assert (one.phantoms, other.phantoms) == (False, True)


def test_images_marked_twice_in_a_folder_count_once(folder: Path, tmp_path: Path) -> None:
    export = tmp_path / "export"
    shutil.copytree(folder, export)
    marked = read_coco((export / "landmarks.json").read_text())
    (export / "a-makesense.csv").write_text(write_makesense(marked))
    data = read_data([str(export)], seed=0)
    parts = [*data.sources[0].samples, *data.validation, *data.test]
    assert sorted(sample.key for sample in parts) == [
        f"{export / 'landmarks.json'}: {seed}.png" for seed in range(3_000_000, 3_000_005)
    ]


def test_data_change_with_landmarks_and_with_pixels(folder: Path, tmp_path: Path) -> None:
    export = tmp_path / "export"
    shutil.copytree(folder, export)
    before = read_data([str(export)], seed=0).to_dict()
    assert read_data([f"{export}/"], seed=0).to_dict() == before
    moved = json.loads((export / "landmarks.json").read_text())
    moved["annotations"][0]["keypoints"][0] += 1
    (export / "landmarks.json").write_text(json.dumps(moved))
    after = read_data([str(export)], seed=0).to_dict()
    assert after != before
    picture = PIL.Image.open(export / "images/3000000.png")
    picture.putpixel((0, 0), 255 - picture.getpixel((0, 0)))
    picture.save(export / "images/3000000.png")
    assert read_data([str(export)], seed=0).to_dict() not in (before, after)


def test_images_without_landmarks_are_left_out_and_counted(folder: Path, tmp_path: Path) -> None:
    export = tmp_path / "export"
    shutil.copytree(folder, export)
    document = json.loads((export / "landmarks.json").read_text())
    document["annotations"] = [a for a in document["annotations"] if a["image_id"] != 1]
    (export / "landmarks.json").write_text(json.dumps(document))
    reports: list[tuple[int, int]] = []
    data = read_data([str(export)], seed=0, report_counts=lambda *counts: reports.append(counts))
    assert reports == [(4, 1)]
    assert len([*data.trained, *data.validation, *data.test]) == 4
    document["annotations"] = []
    (export / "landmarks.json").write_text(json.dumps(document))
    with pytest.raises(FormatError, match="there are no marked images"):
        read_data([str(export)], seed=0)
    with pytest.raises(FormatError, match="no marked images for validation"):
        read_data([str(folder)], seed=0, validation=[export])


def test_with_separate_validation_images_all_others_are_trained_on(folder: Path) -> None:
    data = read_data([str(folder)], seed=0, validation=[folder / "landmarks.json"])
    assert (data.marked_images, len(data.validation), len(data.test)) == (5, 5, 0)


def test_image_of_another_size_is_rejected_before_training(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "export")
    PIL.Image.new("L", (200, 300)).save(tmp_path / "export/images/3000001.png")
    with pytest.raises(
        FormatError, match=r"3000001\.png: marked on .* pixels, but the image has 200"
    ):
        read_data([str(tmp_path / "export")], seed=0)


def test_image_in_different_parts_of_two_sources_is_rejected(folder: Path, tmp_path: Path) -> None:
    validating = read_data([str(folder)], seed=0).validation[0].key.rpartition(": ")[2]
    shutil.copytree(folder / "images", tmp_path / "images")
    images = read_coco((folder / "landmarks.json").read_text())
    labels = tmp_path / "labels.csv"
    labels.write_text(write_makesense(images))
    assert len(read_data([str(folder), str(labels)], seed=0).test) == 2
    labels.write_text(write_makesense(image for image in images if image.file != validating))
    with pytest.raises(
        FormatError, match="in the validation or test part, but it is also trained on as"
    ):
        read_data([str(folder), str(labels)], seed=0)


def write_subjects(folder: Path, subjects: list[str | None]) -> None:
    """Write the patient of each image to the landmark file of a folder."""
    document = json.loads((folder / "landmarks.json").read_text())
    for image, subject in zip(document["images"], subjects, strict=True):
        image["subject"] = subject
    (folder / "landmarks.json").write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("subjects", "rule", "counts"),
    [
        (["a", "a", "b", "c", "d"], "patient", [2, 1, 1]),
        ([1, 1, 2, 3, None], "patient or image", None),
        ([None] * 5, "image", [0, 0, 0]),
        (["a", "a", "a", "b", "c"], "patient", [3, 0, 0]),
    ],
)
def test_unit_of_the_split_is_reported(
    folder: Path, tmp_path: Path, subjects: list[str | None], rule: str, counts: list[int] | None
) -> None:
    shutil.copytree(folder, tmp_path / "export")
    write_subjects(tmp_path / "export", subjects)
    description = read_data([str(tmp_path / "export")], seed=0).to_dict()
    assert description["split"] == rule
    assert counts in (None, description["patients"])


def test_patient_of_two_sources_is_in_the_same_part_of_both(tmp_path: Path) -> None:
    for name, first in (("a", 3_000_000), ("b", 3_000_010)):
        write_marked(tmp_path / name, range(first, first + 4))
        write_subjects(tmp_path / name, ["one", "two", "three", "four"])
    data = read_data([str(tmp_path / "a"), str(tmp_path / "b")], seed=0)
    assert data.to_dict()["patients"] == [2, 1, 1]
    assert [len(part) for part in (data.trained, data.validation, data.test)] == [4, 2, 2]


def test_validation_images_that_are_also_trained_on_are_counted(
    folder: Path, tmp_path: Path
) -> None:
    assert read_data([str(folder)], seed=0, validation=[folder]).validation_seen == 5
    separate = write_marked(tmp_path / "separate", range(3_000_020, 3_000_022))
    assert read_data([str(folder)], seed=0, validation=[separate]).validation_seen == 0
    write_subjects(separate, ["a", "b"])
    shutil.copytree(folder, tmp_path / "export")
    write_subjects(tmp_path / "export", ["a", "c", "d", "e", "f"])
    data = read_data([str(tmp_path / "export")], seed=0, validation=[separate])
    assert (data.rule, data.validation_seen, len(data.trained)) == ("named", 1, 5)


def test_folder_without_marked_images_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no marked images"):
        read_data([str(tmp_path)], seed=0)


def test_fractional_coordinates_are_rejected_before_training(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "export")
    path = tmp_path / "export" / "landmarks.json"
    document = json.loads(path.read_text())
    sizes = {image["id"]: (image["width"], image["height"]) for image in document["images"]}
    for mark in document["annotations"]:
        width, height = sizes[mark["image_id"]]
        mark["keypoints"] = [
            value / (width, height, 1)[index % 3] for index, value in enumerate(mark["keypoints"])
        ]
    path.write_text(json.dumps(document))
    with pytest.raises(FormatError, match=r"landmarks\.json: 3000000\.png: all coordinates lie"):
        read_data([str(tmp_path / "export")], seed=0)
