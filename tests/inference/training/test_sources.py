from __future__ import annotations

import shutil
from pathlib import Path

import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.evaluation.samples import Sample
from inference.formats.coco import read_coco
from inference.formats.makesense import write_makesense
from inference.formats.marked import FormatError
from inference.training.sources import read_data, split, split_spec
from tests.inference.training.marked import write_marked


def samples(names: list[str], folder: str = "a") -> list[Sample]:
    def nothing() -> None:
        raise AssertionError

    return [Sample(f"{folder}/labels.csv: {name}", nothing) for name in names]


def keys(parts: tuple[list[Sample], ...]) -> list[set[str]]:
    return [{sample.key.rpartition(": ")[2] for sample in part} for part in parts]


NAMES = st.lists(st.text("abcdef0123", min_size=1), unique=True, max_size=60)


@given(NAMES, st.integers(0, 9))
def test_every_image_is_in_exactly_one_part(names: list[str], seed: int) -> None:
    training, validation, test = split(samples(names), seed)
    assert sorted(s.key for s in [*training, *validation, *test]) == sorted(
        s.key for s in samples(names)
    )
    if len(names) >= 4:
        assert len(validation) == len(test) == round(0.15 * len(names))
    else:
        assert not validation
        assert not test


@given(NAMES, st.randoms())
def test_split_depends_on_names_alone(names: list[str], random) -> None:
    shuffled = random.sample(names, len(names))
    assert keys(split(samples(names), 1)) == keys(split(samples(shuffled, "elsewhere"), 1))


def test_paper_splits_620_images_into_434_93_93() -> None:
    parts = split(samples([str(n) for n in range(620)]), 0)
    assert [len(part) for part in parts] == [434, 93, 93]


def test_weight_stands_behind_a_colon() -> None:
    assert split_spec("phantom:2.5") == ("phantom", 2.5)
    assert split_spec("C:/labels.csv") == ("C:/labels.csv", 1.0)
    with pytest.raises(FormatError, match="greater than 0"):
        split_spec("phantom:0")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_marked(tmp_path_factory.mktemp("data") / "export", range(3_000_000, 3_000_005))


def test_coco_and_makesense_with_images_are_read_alike(folder: Path, tmp_path: Path) -> None:
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


def test_folder_that_marks_its_images_twice_counts_each_once(folder: Path, tmp_path: Path) -> None:
    export = tmp_path / "export"
    shutil.copytree(folder, export)
    marked = read_coco((export / "landmarks.json").read_text())
    (export / "a-makesense.csv").write_text(write_makesense(marked))
    data = read_data([str(export)], seed=0)
    parts = [*data.sources[0].samples, *data.validation, *data.test]
    assert sorted(sample.key for sample in parts) == [
        f"{export / 'landmarks.json'}: {seed}.png" for seed in range(3_000_000, 3_000_005)
    ]


def test_with_validation_images_of_their_own_all_are_trained_on(folder: Path) -> None:
    data = read_data([str(folder)], seed=0, validation=[folder / "landmarks.json"])
    assert (data.marked_images, len(data.validation), len(data.test)) == (5, 5, 0)


def test_image_of_another_size_is_refused_before_training(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "export")
    PIL.Image.new("L", (200, 300)).save(tmp_path / "export/images/3000001.png")
    with pytest.raises(FormatError, match=r"3000001\.png: marked on .* pixels, the image has 200"):
        read_data([str(tmp_path / "export")], seed=0)


def test_image_that_one_source_trains_on_and_another_holds_back_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    held = read_data([str(folder)], seed=0).validation[0].key.rpartition(": ")[2]
    shutil.copytree(folder / "images", tmp_path / "images")
    images = read_coco((folder / "landmarks.json").read_text())
    labels = tmp_path / "labels.csv"
    labels.write_text(write_makesense(images))
    assert len(read_data([str(folder), str(labels)], seed=0).test) == 2
    labels.write_text(write_makesense(each for each in images if each.file != held))
    with pytest.raises(FormatError, match="held back, but trained on as"):
        read_data([str(folder), str(labels)], seed=0)


def test_folder_without_marked_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no marked images"):
        read_data([str(tmp_path)], seed=0)
