"""Properties of the phantoms of every family."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from io import BytesIO

import numpy as np
import pydicom
import pytest

from inference.annotations.plausibility import check_plausibility
from inference.annotations.verteread_json import image_from_document
from inference.image import image_from_dataset
from inference.phantom import Phantom, generate
from inference.phantom.anatomy import LEVELS
from inference.phantom.aorta import CELLS, grade
from inference.phantom.bones.vertebral_body import add_body
from inference.phantom.export import as_dataset
from inference.phantom.families import (
    CLASSIC,
    DEMANDING,
    FAMILIES,
    SCANNERS,
    draw_family,
    family_shares,
)
from inference.phantom.generator import Layout, lay_out
from inference.phantom.raster import Grid
from inference.results import VERTEBRAE

SEEDS = range(7_100_000, 7_100_003)
LAYOUT_SEEDS = range(7_100_000, 7_100_012)


@cache
def phantom(seed: int, family: str) -> Phantom:
    return generate(seed, family=family)


def layouts(family: str) -> list[Layout]:
    return [lay_out(seed, family=family) for seed in LAYOUT_SEEDS]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_grey_values_fit_their_bits_and_show_something(family: str, seed: int) -> None:
    drawn = phantom(seed, family)
    lowest = -(2 ** (drawn.bits - 1)) if drawn.signed else 0
    assert lowest <= drawn.pixels.min()
    assert drawn.pixels.max() <= lowest + 2**drawn.bits - 1
    unsigned = np.uint8 if drawn.bits == 8 else np.uint16
    assert drawn.pixels.dtype == (np.int16 if drawn.signed else unsigned)
    assert np.isfinite(drawn.grey).all()
    assert drawn.grey.std() > 0.02
    assert drawn.scanner in FAMILIES[family].scanners


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_dicom_file_holds_the_pixels_and_is_read_in_the_same_order(family: str, seed: int) -> None:
    drawn = phantom(seed, family)
    file = BytesIO()
    as_dataset(drawn).save_as(file, enforce_file_format=True)
    file.seek(0)
    dataset = pydicom.dcmread(file)
    assert np.array_equal(dataset.pixel_array, drawn.pixels)
    assert dataset.ManufacturerModelName == SCANNERS[drawn.scanner].model
    read = image_from_dataset(dataset).pixels
    # Values with a sign are scaled by their own range.
    low, high = (drawn.grey.min(), drawn.grey.max()) if drawn.signed else (0, 1)
    assert np.allclose(read, (drawn.grey - low) / (high - low), atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_landmarks_are_plausible_and_bodies_are_in_order(family: str) -> None:
    for layout in layouts(family):
        corners = layout.scene.spine.corners()
        present = corners[np.isfinite(corners).all((1, 2))]
        assert (np.diff(present.mean(1)[:, 1]) > 0).all()
    for seed in SEEDS:
        truth = phantom(seed, family).truth
        check_plausibility(image_from_document(truth))
        assert (truth["family"], truth["scanner"]) == (family, phantom(seed, family).scanner)


@pytest.mark.parametrize("family", FAMILIES)
def test_corners_lie_on_the_contour_that_is_drawn(family: str) -> None:
    """docs/corner-convention.md: half a millimetre inside is bone, half outside is not."""
    plain = {
        "rims_back": 0.0,
        "roll_superior": 0.0,
        "roll_inferior": 0.0,
        "dents": (),
        "lip_superior": 0.0,
        "lip_inferior": 0.0,
        "lip_superior_posterior": 0.0,
        "lip_inferior_posterior": 0.0,
    }
    for layout in layouts(family)[:3]:
        for level in ("T12", "L2", "L4"):
            body = replace(layout.scene.spine.body(level), center=(0.0, 0.0), **plain)
            grid = Grid(-32, -32, 640, 640, 0.1, 0.1)
            canvas = np.zeros((640, 640), np.float32)
            add_body(canvas, grid, body, fill=1.0, endplate=0.0, wall=0.0, shell_mm=0.5)
            signs = ((-1, -1), (1, -1), (-1, 1), (1, 1))
            for corner, (forward, down) in zip(body.corners(), signs, strict=True):
                # The corner's bisector, along which the convention defines it.
                inward = -np.array(body.point_at(forward, down)) / np.sqrt(2)
                for step, bone in ((0.6, True), (-0.6, False)):
                    column, row = np.rint(grid.to_pixels(corner + step * inward)).astype(int)
                    assert (canvas[row, column] > 0.2 * body.density) == bone


@pytest.mark.parametrize("family", FAMILIES)
def test_grades_are_those_of_the_plaques(family: str) -> None:
    for layout in layouts(family):
        for cell in CELLS:
            level, wall = cell.split("_")
            plaques = layout.scene.aorta.plaques
            pieces = [p.end - p.start for p in plaques if (p.level, p.wall) == (level, wall)]
            assert grade(sum(pieces)) == layout.grades[cell]


@pytest.mark.parametrize("family", FAMILIES)
def test_same_seed_gives_the_same_phantom(family: str) -> None:
    first, second = phantom(SEEDS[0], family), generate(SEEDS[0], family=family)
    assert np.array_equal(first.pixels, second.pixels)
    assert first.truth == second.truth


@pytest.mark.parametrize("family", FAMILIES)
def test_complete_fields_show_t12_to_l5(family: str) -> None:
    for seed in LAYOUT_SEEDS:
        layout = lay_out(seed, family=family, partial=0.0, odd_count=0.0)
        centers = layout.corners[[LEVELS.index(v) for v in VERTEBRAE]].mean(1)
        size = np.array([layout.grid.width, layout.grid.height])
        assert ((centers > 0) & (centers < size)).all()


def test_families_are_drawn_by_their_shares() -> None:
    assert sum(family_shares().values()) == pytest.approx(1)
    assert sum(family_shares(0.7)[name] for name in DEMANDING) == pytest.approx(0.7)
    assert family_shares(0.0)["ge_de"] == 0
    rng = np.random.default_rng(3)
    drawn = Counter(draw_family(rng) for _ in range(2000))
    for name, share in family_shares().items():
        assert drawn[name] / 2000 == pytest.approx(share, abs=0.03)


def test_default_mixes_all_families_and_leaves_the_layouts_of_classic_ones_unchanged() -> None:
    families = Counter()
    for seed in range(7_200_000, 7_200_060):
        layout = lay_out(seed)
        families[layout.scene.family.name] += 1
        if layout.scene.family.name in CLASSIC:
            assert np.array_equal(
                layout.corners, lay_out(seed, family=CLASSIC).corners, equal_nan=True
            )
    assert set(families) >= set(CLASSIC)
    assert 0.2 < sum(families[name] for name in DEMANDING) / 60 < 0.6
