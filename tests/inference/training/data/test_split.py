from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.evaluation.samples import Sample
from inference.training.data.split import (
    Parts,
    describe_split,
    image_name,
    map_patients_to_parts,
    split,
)


def sample(name: str, subject: str = "", folder: str = "a") -> Sample:
    def nothing() -> Any:
        raise AssertionError

    return Sample(f"{folder}/labels.csv: {name}", nothing, subject=subject)


def names(parts: Parts) -> list[list[str]]:
    return [[image_name(image) for image in part] for part in parts]


SUBJECTS = st.sampled_from(["", *(f"P{n:02d}" for n in range(40))])
IMAGES = st.dictionaries(st.text("abcdef0123", min_size=1), SUBJECTS, max_size=80).map(
    lambda whose: [sample(name, subject) for name, subject in whose.items()]
)


@given(IMAGES, st.integers(0, 9))
def test_every_image_is_in_one_part_and_no_patient_in_two(images: list[Sample], seed: int) -> None:
    parts = split(images, seed)
    assert sorted(image.key for part in parts for image in part) == sorted(i.key for i in images)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        both = {i.subject for i in parts[one]} & {i.subject for i in parts[other]}
        assert both <= {""}


@given(IMAGES, st.integers(0, 9))
def test_patients_are_split_70_15_15(images: list[Sample], seed: int) -> None:
    """An image without patient counts as a patient."""
    counts = [len({image.subject or image.key for image in part}) for part in split(images, seed)]
    total = sum(counts)
    expected = round(0.15 * total) if total >= 4 else 0
    assert counts == [total - 2 * expected, expected, expected]


@given(IMAGES, st.integers(0, 9), st.randoms())
def test_split_does_not_depend_on_order_and_folder(
    images: list[Sample], seed: int, random: Any
) -> None:
    shuffled = [
        sample(image_name(image), image.subject, "elsewhere")
        for image in random.sample(images, len(images))
    ]
    assert names(split(images, seed)) == names(split(shuffled, seed))


@given(IMAGES, IMAGES, st.integers(0, 9))
def test_patient_assigned_before_stays_in_the_part(
    first: list[Sample], second: list[Sample], seed: int
) -> None:
    before = map_patients_to_parts(split(first, seed))
    after = map_patients_to_parts(split(second, seed, before))
    assert all(after[patient] == part for patient, part in before.items() if patient in after)


def test_another_seed_gives_another_split() -> None:
    images = [sample(str(n), f"P{n // 2}") for n in range(40)]
    assert names(split(images, 0)) != names(split(images, 1))


def test_paper_splits_620_images_into_434_93_93() -> None:
    parts = split([sample(str(n)) for n in range(620)], 0)
    assert [len(part) for part in parts] == [434, 93, 93]


@pytest.mark.parametrize(
    ("changes", "pattern"),
    [
        ({"split": None}, ""),
        (
            {"split": "patient"},
            "Split by patient: 4 marked images .* 3 / 1 / 1; no patient is in two",
        ),
        (
            {"split": "image"},
            r"Split by image \(the data do not identify .* errors are underestimated",
        ),
        ({"split": "patient or image"}, "by patient only where the data identify one"),
        ({"split": "patient", "validation_images": 0}, "too few patients: .* Phantoms are used"),
        ({"split": "image", "validation_images": 0}, "too few images"),
        ({"split": "named"}, "Not split: .* are those given by --validation.$"),
        ({"split": "named", "validation_seen": 2}, "Of these, 2 are also trained on"),
    ],
)
def test_split_is_described(changes: dict[str, Any], pattern: str) -> None:
    data = {
        "sources": [{"images": 4}],
        "validation_images": 1,
        "test_images": 1,
        "patients": [3, 1, 1],
        "validation_seen": 0,
        **changes,
    }
    text = describe_split(data)
    assert re.search(pattern, text) if pattern else not text
