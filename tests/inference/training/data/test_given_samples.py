"""Data of samples that the platform passes: the split by patient."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.annotations.marked_images import MarkedImage
from inference.evaluation.samples import Sample
from inference.image import Image
from inference.training.data.sources import Data, data_of_samples
from inference.training.data.split import split
from tests.inference.spines import straight

SIZE = 8


def sample(key: str, patient: str, image: int) -> Sample:
    """A sample whose image is a uniform grey that depends on its number."""
    pixels = np.full((SIZE, SIZE), image / 100, dtype=np.float32)
    marks = MarkedImage("image", SIZE, SIZE, straight())
    stored = np.full((SIZE, SIZE), image, dtype=np.uint8)
    decoded = Image(pixels, stored, None, "", 1.0, {}, inverted=False, windows=())
    return Sample(f"x: {key}", lambda: (decoded, marks), subject=patient)


def parts(data: Data) -> tuple[list[Sample], list[Sample], list[Sample]]:
    return data.trained, list(data.validation), list(data.test)


def patients(samples: Iterable[Sample]) -> set[str]:
    return {sample.subject for sample in samples}


def images(samples: Iterable[Sample]) -> set[bytes]:
    return {sample.open()[0].pixels.tobytes() for sample in samples}


CASES = st.lists(
    st.tuples(st.sampled_from([f"{s}/P{n}" for s in "ab" for n in range(8)]), st.integers(0, 12)),
    min_size=1,
    max_size=30,
)


@given(CASES, st.integers(0, 3), st.sets(st.sampled_from([f"a/P{n}" for n in range(8)])))
def test_no_image_and_no_patient_is_in_two_parts_and_none_trained_before_is_held_out(
    cases: list[tuple[str, int]], seed: int, before: set[str]
) -> None:
    samples = [sample(str(n), patient, image) for n, (patient, image) in enumerate(cases)]
    data = data_of_samples("x", samples, seed=seed, trained_before=before)
    split_parts = parts(data)
    assert sorted(s.key for part in split_parts for s in part) == sorted(s.key for s in samples)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert not patients(split_parts[one]) & patients(split_parts[other])
        assert not images(split_parts[one]) & images(split_parts[other])
    patient_of = {f"x: {n}": patient for n, (patient, _) in enumerate(cases)}
    held_out = {patient_of[s.key] for part in split_parts[1:] for s in part}
    assert not held_out & before


def test_same_image_in_two_studies_is_in_one_part() -> None:
    """Six images, each under another pseudonym in the second study."""
    samples = [sample(f"{s}{n}", f"{s}/P{n}", n) for s in "ab" for n in range(6)]
    data = data_of_samples("x", samples, seed=0)
    assert [len(part) for part in parts(data)] == [8, 2, 2]
    assert not images(data.test) & images([*data.trained, *data.validation])


def test_patients_of_the_initial_weights_are_trained_on_and_the_others_split() -> None:
    samples = [sample(str(n), f"a/P{n:02d}", n) for n in range(30)]
    before = {f"a/P{n:02d}" for n in range(20)}
    data = data_of_samples("x", samples, seed=0, trained_before=before)
    assert [len(part) for part in parts(data)] == [26, 2, 2]
    assert patients(data.trained) >= before


def test_split_is_that_of_the_command_line_if_no_image_is_shared() -> None:
    """So that a run of an earlier version continues with the same parts."""
    samples = [sample(str(n), f"a/P{n:02d}", n) for n in range(10)]
    expected = [patients(part) for part in split(samples, 0)]
    assert [patients(part) for part in parts(data_of_samples("x", samples, seed=0))] == expected


def test_sample_without_patient_is_rejected() -> None:
    with pytest.raises(ValueError, match="code of its patient"):
        data_of_samples("x", [sample("1", "", 1)], seed=0)
