"""Cache in memory for images that are read repeatedly."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Final

from inference.annotations.marked_images import MarkedImage
from inference.evaluation.samples import Sample
from inference.image import Image

MAX_BYTES: Final = 4 * 2**30
SHARE_OF_MEMORY: Final = 1 / 8


class ImageCache:
    """Images in memory; those that exceed the limit are read each time.

    Processes forked afterwards share the cached images.

    Parameters
    ----------
    max_bytes
        Limit on the size of pixel arrays; `default_cache_bytes` if ``None``.
    """

    def __init__(self, max_bytes: int | None = None) -> None:
        self.free_bytes = default_cache_bytes() if max_bytes is None else max_bytes
        self._images: dict[tuple[str, str], tuple[Image, MarkedImage]] = {}

    def wrap(self, sample: Sample) -> Sample:
        """Return the sample with an ``open`` that uses the cache."""
        key = sample.key, sample.version

        def open_once() -> tuple[Image, MarkedImage]:
            if key in self._images:
                return self._images[key]
            image, truth = sample.open()
            size = image.pixels.nbytes + image.stored.nbytes
            # Nothing is evicted, since all images are read equally often.
            if size <= self.free_bytes:
                self.free_bytes -= size
                self._images[key] = image, truth
            return image, truth

        return replace(sample, open=open_once)


def default_cache_bytes() -> int:
    """Return an eighth of the memory of the machine, at most 4 GiB, or 0 if it is unknown."""
    try:
        # Not available on every system.
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0
    return int(min(MAX_BYTES, max(memory, 0) * SHARE_OF_MEMORY))
