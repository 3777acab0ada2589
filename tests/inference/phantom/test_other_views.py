from __future__ import annotations

import numpy as np
import pytest

from inference.phantom.other_views import KINDS, draw_other_view
from inference.phantom.raster import Grid


@pytest.mark.parametrize("kind", KINDS)
def test_other_view_is_an_image_in_range(kind: str) -> None:
    grid = Grid(-80, -150, 128, 256, 1.25, 1.17)
    grey = draw_other_view(np.random.default_rng(1), grid, kind)
    assert grey.shape == (256, 128)
    assert grey.min() >= 0
    assert grey.max() <= 1
    assert grey.std() > 0
