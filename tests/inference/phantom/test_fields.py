"""Fields of view that end within the spine, and stepped edges."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from inference.phantom.anatomy import LEVELS
from inference.phantom.families import SCANNERS
from inference.phantom.fields import Sweep, anterior_margin, outside_sweeps, sample_limited_field
from inference.phantom.generator import draw_phantom, lay_out
from inference.phantom.ground_truth import (
    has_identifiable_levels,
    identifiable_levels,
    is_lumbar_count_visible,
    true_landmarks,
)
from inference.phantom.population import sample_spine
from inference.phantom.raster import Grid


def test_limited_fields_end_below_l3_l4_or_l5_or_start_at_t12() -> None:
    ends: Counter[str] = Counter()
    for seed in range(60):
        rng = np.random.default_rng(seed)
        spine = sample_spine(rng, odd_count=0.0)
        _, top, _, height = sample_limited_field(rng, SCANNERS["ge_idxa"], spine)
        whole = [
            body.level
            for body in spine.bodies
            if body.corners()[:, 1].min() > top and body.corners()[:, 1].max() < top + height
        ]
        shown = [body.level for body in spine.bodies if top < body.center[1] < top + height]
        if shown[0] == whole[0] == "T12":
            ends["T12"] += 1
            continue
        # The last body is complete. Of the next one less than half is visible, except of a steep
        # S1, whose centre can be as high as the lowest corner of L5.
        assert shown[-1] in (whole[-1], "S1")
        ends[whole[-1]] += 1
    assert set(ends) == {"L3", "L4", "L5", "T12"}


def test_stepped_edges_are_black_outside_and_the_spine_lies_inside() -> None:
    for seed in range(7_300_000, 7_300_004):
        layout = lay_out(seed, family="ge_de", partial=0.0, odd_count=0.0, mirrored=0.0)
        assert len({(sweep.left, sweep.right) for sweep in layout.scene.sweeps}) > 1
        outside = outside_sweeps(layout.scene.sweeps, layout.grid)
        assert 0 < outside.mean() < 0.6
        phantom = draw_phantom(layout)
        assert (phantom.pixels[outside] == phantom.black).all()
        centers = phantom.corners[LEVELS.index("T12") : LEVELS.index("L5") + 1].mean(1)
        for x, y in np.rint(centers).astype(int):
            assert not outside[y, x]


def test_margin_to_a_stepped_edge_is_that_at_the_height_of_the_wall() -> None:
    sweeps = (Sweep(0, 10, -20, 30), Sweep(10, 20, -20, 50))
    points = np.array([[28.0, 5.0], [47.0, 15.0]])
    assert anterior_margin(points, sweeps, 50) == pytest.approx(2)
    assert anterior_margin(points[1:], sweeps, 50) == pytest.approx(3)
    assert anterior_margin(points, (), 50) == pytest.approx(3)
    grid = Grid(-20, 0, 70, 20, 1.0, 1.0)
    outside = outside_sweeps(sweeps, grid)
    assert outside[:10, 50:].all()
    assert not outside[10:].any()
    assert not outside[:10, :50].any()


def test_levels_are_certain_if_they_can_be_counted_from_either_end() -> None:
    certain: Counter[tuple[str, ...]] = Counter()
    for seed in range(7_400_000, 7_400_040):
        layout = lay_out(seed, family="limited_field", odd_count=0.0)
        subject: Any = SimpleNamespace(
            pixels=np.empty((layout.grid.height, layout.grid.width)),
            corners=layout.corners,
            sacrum_hidden=layout.scene.obscured,
        )
        levels = identifiable_levels(subject)
        assert levels in (list(true_landmarks(subject).bodies), [])
        assert has_identifiable_levels(subject) == (len(levels) == 6)
        certain[tuple(levels)] += 1
    # Images that end below L3 or L4 still show the last rib.
    assert any(levels and "L5" not in levels for levels in certain)


def test_levels_above_a_hidden_pelvis_are_certain_only_with_the_last_rib() -> None:
    layout = lay_out(7_400_001, family="hologic_se", partial=0.0, odd_count=0.0)
    top = layout.corners[LEVELS.index("T11")].mean(0)[1] + 2
    shape = (layout.grid.height, layout.grid.width)
    cut = layout.corners - [0, top]
    for corners, hidden, count in (
        (layout.corners, False, 6),
        (layout.corners, True, 6),
        (cut, False, 6),
        (cut, True, 0),
    ):
        subject: Any = SimpleNamespace(
            pixels=np.empty(shape), corners=corners, sacrum_hidden=hidden
        )
        assert len(identifiable_levels(subject)) == count


@pytest.mark.parametrize(("count", "last", "seen"), [(6, "L6", 6), (4, "S1", 5)])
def test_unusual_number_of_lumbar_bodies_matters_only_where_it_can_be_counted(
    count: int, last: str, seen: int
) -> None:
    layouts = (
        lay_out(seed, family="hologic_se", partial=0.0, odd_count=1.0)
        for seed in range(7_400_000, 7_400_100)
    )
    layout = next(
        one for one in layouts if np.isfinite(one.corners[LEVELS.index("L6")]).all() == (count == 6)
    )
    width = layout.grid.width
    below = round(layout.corners[LEVELS.index(last)].mean(0)[1])
    for height, hidden, levels in (
        (below + 2, False, 0),
        (below - 2, False, seen),
        (below + 2, True, seen),
    ):
        subject: Any = SimpleNamespace(
            pixels=np.empty((height, width)), corners=layout.corners, sacrum_hidden=hidden
        )
        assert is_lumbar_count_visible(subject) == (levels == 0)
        assert len(identifiable_levels(subject)) == levels
