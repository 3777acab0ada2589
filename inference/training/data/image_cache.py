"""Images that are read again and again are kept in memory, as many as there is room for."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Final

from inference.annotations.marked_images import MarkedImage
from inference.evaluation.samples import Sample
from inference.image import Image

MOST_BYTES: Final = 4 * 2**30
SHARE_OF_MEMORY: Final = 1 / 8


class ImageCache:
    """What was opened, up to ``max_bytes`` of grey values; what has no room is opened each time.

    Processes that are forked afterwards share what is kept.
    """

    def __init__(self, max_bytes: int | None = None) -> None:
        self.left = default_cache_bytes() if max_bytes is None else max_bytes
        self._kept: dict[tuple[str, str], tuple[Image, MarkedImage]] = {}

    def keep(self, sample: Sample) -> Sample:
        """The same sample, whose image is read once."""
        name = sample.key, sample.version

        def open_once() -> tuple[Image, MarkedImage]:
            if name in self._kept:
                return self._kept[name]
            found = sample.open()
            size = found[0].pixels.nbytes + found[0].stored.nbytes
            if size <= self.left:
                self.left -= size
                self._kept[name] = found
            return found

        return replace(sample, open=open_once)


def default_cache_bytes() -> int:
    """An eighth of the machine's memory, at most 4 GiB; nothing where that is not known."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0
    return int(min(MOST_BYTES, max(whole, 0) * SHARE_OF_MEMORY))
