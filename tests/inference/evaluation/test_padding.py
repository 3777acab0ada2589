import numpy as np
import pytest

from inference.evaluation.padding import pad_anterior_side
from inference.phantom import generate


@pytest.mark.parametrize(("seed", "mirrored"), [(7_000_300, 0.0), (7_000_301, 1.0)])
def test_padding_begins_anterior_to_the_spine_and_reduces_the_margins(seed, mirrored):
    phantom = generate(seed, family="hologic_se", mirrored=mirrored)
    padded = pad_anterior_side(phantom, np.random.default_rng(1))
    changed = np.flatnonzero((padded.pixels != phantom.pixels).any(axis=0))
    ahead = changed > phantom.corners[8:14, :, 0].max()
    assert changed.size
    assert ahead.all() if mirrored == 0 else not ahead.any()
    assert (padded.pixels[:, changed] == 0).all()
    lost = {phantom.front_mm[level] - padded.front_mm[level] for level in phantom.front_mm}
    assert max(lost) == pytest.approx(min(lost))
    assert max(lost) == pytest.approx(changed.size * phantom.spacing_mm[1], abs=1)


def test_same_seed_gives_the_same_padding():
    phantom = generate(7_000_300)
    one, other = (pad_anterior_side(phantom, np.random.default_rng(4)) for _ in range(2))
    assert (one.pixels == other.pixels).all()
