"""What can be seen of the lumbosacral disc on a drawn image."""

from __future__ import annotations

import numpy as np
import pytest

from inference.phantom import generate
from inference.phantom.appearance.visibility import (
    disc_correlation,
    is_lumbosacral_disc_hidden,
)
from inference.phantom.bones.vertebral_body import add_body
from inference.phantom.population import sample_spine
from inference.phantom.raster import Array, Grid

GRID = Grid(-90, -60, 250, 330, 0.7, 0.7)
SPINE = sample_spine(np.random.default_rng(3), odd_count=0.0)


@pytest.fixture
def bodies() -> Array:
    """Return all bodies with uneven endplates, on uniform soft tissue."""
    canvas = np.full((GRID.height, GRID.width), 0.2, np.float32)
    for body in SPINE.bodies:
        add_body(canvas, GRID, body, fill=0.3, endplate=0.2, wall=0.1, shell_mm=0.8)
    return canvas


def test_a_clear_disc_is_visible_whatever_scale_and_polarity_are(bodies: Array) -> None:
    clear = disc_correlation(bodies, GRID, SPINE.body("L5"), SPINE.body("S1"))
    assert clear is not None
    assert clear > 0.9
    for stored in (bodies * 4000 - 2000, 255 - 200 * bodies):
        assert disc_correlation(stored, GRID, SPINE.body("L5"), SPINE.body("S1")) == pytest.approx(
            clear, abs=1e-4
        )
        assert not is_lumbosacral_disc_hidden(stored, GRID, SPINE)


def test_bright_haze_alone_does_not_hide_a_disc_but_clipping_does(bodies: Array) -> None:
    rows = np.linspace(0, 1, GRID.height, dtype=np.float32)[:, None]
    hazy = bodies + 2 * rows
    assert not is_lumbosacral_disc_hidden(hazy, GRID, SPINE)
    assert is_lumbosacral_disc_hidden(np.minimum(hazy, 1), GRID, SPINE)


@pytest.mark.parametrize(("noise", "hidden"), [(0.02, False), (3.0, True)])
def test_noise_hides_a_disc(bodies: Array, noise: float, hidden: bool) -> None:
    grain = np.random.default_rng(1).standard_normal(bodies.shape)
    assert is_lumbosacral_disc_hidden(bodies + noise * grain, GRID, SPINE) is hidden


def test_disc_outside_the_image_is_not_hidden(bodies: Array) -> None:
    above = round(GRID.to_pixels(np.array(SPINE.body("L4").center))[1])
    part = Grid(GRID.left, GRID.top, GRID.width, above, GRID.column_mm, GRID.row_mm)
    empty = np.zeros((part.height, part.width))
    assert disc_correlation(empty, part, SPINE.body("L5"), SPINE.body("S1")) is None
    assert not is_lumbosacral_disc_hidden(empty, part, SPINE)
    assert is_lumbosacral_disc_hidden(np.zeros_like(bodies), GRID, SPINE)


def test_reference_standard_follows_the_image_and_not_the_pelvis_that_was_drawn() -> None:
    # Rated by eye: high crests behind which L5 and S1 can be seen clearly, and crests that hide
    # them although they were not drawn for that.
    visible, hidden = generate(7_690_058), generate(7_692_017)
    assert not visible.sacrum_hidden
    assert hidden.sacrum_hidden
