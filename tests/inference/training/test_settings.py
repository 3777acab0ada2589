from __future__ import annotations

import pytest

from inference.network.configuration import LITE
from inference.network.weights_header import is_synthetic
from inference.training.recipes import RECIPES
from inference.training.settings import SYNTHETIC, Settings


@pytest.mark.parametrize(
    ("images", "before", "expected"),
    [
        ([0], None, SYNTHETIC),
        ([0], SYNTHETIC, SYNTHETIC),
        ([0], "812 marked images", "phantoms, after 812 marked images"),
        ([30, 0], SYNTHETIC, f"30 marked images and phantoms, after {SYNTHETIC}"),
        ([30], None, "30 marked images"),
    ],
)
def test_weights_are_called_synthetic_only_if_all_training_data_are(
    images: list[int], before: str | None, expected: str
) -> None:
    data = {"sources": [{"images": count} for count in images]}
    start = None if before is None else {"trained_on": before, "synthetic": before == SYNTHETIC}
    settings = Settings(LITE, RECIPES["lite"], steps=1, epoch=1, seed=0, data=data, start=start)
    assert settings.trained_on == expected
    about = settings.about(step=1)
    assert about["synthetic"] is (expected == SYNTHETIC)
    assert is_synthetic(about) is (expected == SYNTHETIC)


def test_headers_state_synthetic_data_whatever_the_text_says() -> None:
    assert is_synthetic({"trained_on": "phantoms of one scanner", "synthetic": True})
    assert not is_synthetic({"trained_on": "synthetic and real images", "synthetic": False})


def test_earlier_headers_state_synthetic_data_in_their_text() -> None:
    assert is_synthetic({"trained_on": SYNTHETIC})
    assert not is_synthetic({"trained_on": "812 marked images"})
    assert not is_synthetic({})
