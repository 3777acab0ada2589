from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inference.patient_groups import group_patients

PATIENTS = st.sampled_from([f"{study}/P{n}" for study in "abc" for n in range(6)])
IMAGES = st.lists(st.tuples(PATIENTS, st.sampled_from("tuvwxyz")), max_size=25)


def connected(images: list[tuple[str, str]], patient: str) -> set[str]:
    """Return all patients who are connected to one by shared images, step by step."""
    group = {patient}
    while True:
        seen = {image for other, image in images if other in group}
        larger = {other for other, image in images if image in seen}
        if larger == group:
            return group
        group = larger


@given(IMAGES)
def test_patients_are_in_one_group_exactly_if_shared_images_connect_them(
    images: list[tuple[str, str]],
) -> None:
    groups = group_patients(images)
    assert set(groups) == {patient for patient, _ in images}
    for patient in groups:
        members = {other for other in groups if groups[other] == groups[patient]}
        assert members == connected(images, patient)
        assert groups[patient] == min(members)


@given(IMAGES, st.randoms())
def test_order_of_the_images_does_not_matter(images: list[tuple[str, str]], random: Any) -> None:
    assert group_patients(random.sample(images, len(images))) == group_patients(images)


@given(IMAGES)
def test_patients_without_a_shared_image_keep_their_code(images: list[tuple[str, str]]) -> None:
    unshared = [(patient, f"{patient} {image}") for patient, image in images]
    assert all(patient == group for patient, group in group_patients(unshared).items())
