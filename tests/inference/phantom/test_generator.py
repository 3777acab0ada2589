from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from inference.phantom import generate
from inference.phantom.families import CLASSIC, SCANNERS
from inference.phantom.scene import sample_scene
from inference.results import CORNERS, VERTEBRAE


@pytest.mark.parametrize("family", sorted(CLASSIC))
def test_family_has_its_bits_spacing_and_grey_range(family: str) -> None:
    kind = SCANNERS[family]
    phantom = generate(11, family=family)
    assert phantom.family == family
    assert phantom.bits == kind.bits
    assert phantom.pixels.max() <= 2**kind.bits - 1
    assert 0.2 < phantom.spacing_mm[0] < 0.65
    assert 0.2 < phantom.spacing_mm[1] < 0.75
    assert phantom.pixels.std() > 0.02 * 2**kind.bits


def test_same_seed_gives_the_same_phantom() -> None:
    first, second = generate(21), generate(21)
    assert np.array_equal(first.pixels, second.pixels)
    assert first.truth == second.truth
    assert not np.array_equal(generate(22).corners, first.corners)


def test_bodies_are_brighter_than_the_discs_beside_them() -> None:
    phantom = generate(31, family="ge_idxa", partial=0.0, mirrored=0.0)
    truth = phantom.truth["landmarks"]

    def grey(point: np.ndarray) -> float:
        x, y = np.rint(point).astype(int)
        return float(phantom.pixels[y - 2 : y + 3, x - 2 : x + 3].mean())

    for upper, lower in itertools.pairwise(VERTEBRAE):
        above = np.array([truth[upper][name] for name in CORNERS])
        below = np.array([truth[lower][name] for name in CORNERS])
        disc = (above[2] + above[3] + below[0] + below[1]) / 4
        assert grey(above.mean(0)) > grey(disc)


def test_mirrored_phantom_is_anterior_on_the_left() -> None:
    phantom = generate(41, mirrored=1.0)
    assert phantom.anterior == "left"
    body = phantom.truth["landmarks"]["L3"]
    assert body["superior_anterior"][0] < body["superior_posterior"][0]


def test_complete_fields_show_all_six_bodies() -> None:
    for seed in range(50, 58):
        landmarks = generate(seed, partial=0.0).truth["landmarks"]
        assert all(landmarks[vertebra] is not None for vertebra in VERTEBRAE)


def test_partial_fields_end_within_the_lumbar_spine() -> None:
    ends = []
    for seed in range(60):
        scene = sample_scene(
            np.random.default_rng(seed), family=CLASSIC, partial=1.0, odd_count=0.0
        )
        _, top, _, height = scene.field_mm
        ends.append(top + height < scene.spine.body("L5").center[1])
    assert 0.1 < np.mean(ends) < 0.9


def test_truth_has_the_keys_of_predict_and_the_grades() -> None:
    truth = generate(71).truth
    for key in (
        "file",
        "width",
        "height",
        "spacing_mm",
        "spacing_source",
        "anterior",
        "model",
        "landmarks",
        "level_doubt",
        "guides",
        "crop",
        "morphometry",
        "warnings",
        "aac24",
        "family",
    ):
        assert key in truth
    assert sorted(truth["aac24"]) == sorted(
        f"L{n}_{wall}" for n in range(1, 5) for wall in ("anterior", "posterior")
    )


def test_aorta_below_the_field_is_cropped_as_one_in_front_of_it() -> None:
    phantom = generate(3, partial=0.0)
    inside = replace(phantom, front_mm={"L4": 9.0}, ends_mm={"L4": 5.0}).truth["crop"]
    below = replace(phantom, front_mm={"L4": 9.0}, ends_mm={"L4": -1.2}).truth["crop"]
    assert (inside["verdict"], inside["levels"]["L4"]["margin_mm"]) == ("ok", 5.0)
    assert (below["verdict"], below["levels"]["L4"]["margin_mm"]) == ("cropped", -1.2)


def test_levels_are_identifiable_with_t12_to_l5_and_five_lumbar_bodies() -> None:
    known = [generate(seed, partial=0.0, odd_count=0.0).truth["levels_knowable"] for seed in (1, 2)]
    six = [generate(seed, partial=0.0, odd_count=1.0).truth["levels_knowable"] for seed in (1, 2)]
    assert known == [True, True]
    assert six == [False, False]


def test_phantoms_never_load_torch() -> None:
    code = "import sys, inference.phantom.export; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
