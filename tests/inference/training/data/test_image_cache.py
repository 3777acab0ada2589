from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from inference.evaluation.samples import Sample
from inference.training.data.image_cache import ImageCache

PIXELS, STORED = np.zeros((4, 5), np.float32), np.zeros((4, 5), np.uint8)
BYTES = PIXELS.nbytes + STORED.nbytes


def counted(name: str, times: list[str]) -> Sample:
    def open_it() -> tuple[object, object]:
        times.append(name)
        return SimpleNamespace(pixels=PIXELS, stored=STORED), name

    return Sample(name, open_it)  # type: ignore[arg-type]


def test_images_are_opened_once_while_the_cache_has_space() -> None:
    times: list[str] = []
    cache = ImageCache(max_bytes=2 * BYTES)
    samples = [cache.wrap(counted(name, times)) for name in "abc"]
    for _ in range(3):
        assert [sample.open()[1] for sample in samples] == ["a", "b", "c"]
    assert times == ["a", "b", "c", "c", "c"]


def test_image_in_two_lists_is_opened_once() -> None:
    times: list[str] = []
    cache = ImageCache(max_bytes=BYTES)
    for sample in (cache.wrap(counted("a", times)), cache.wrap(counted("a", times))):
        sample.open()
    assert times == ["a"]
