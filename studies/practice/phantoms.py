"""Phantoms for practice: which seeds are suitable, and the image and plaques of a seed.

A seed determines a phantom completely, so only seeds are stored. Drawing one takes up to 0.3 s; the
result is cached, and a lost cache costs this time again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.core.cache import cache

from inference.image import DisplayImage, display
from inference.phantom.anatomy import LEVELS
from inference.phantom.export import as_dataset
from inference.phantom.families import CLASSIC
from inference.phantom.generator import Layout, draw_phantom, lay_out
from inference.phantom.seeds import PRACTICE_SEEDS
from inference.results import VERTEBRAE
from studies.analytics.scale import DEFAULT_GROUP_LIMITS, GROUPS, group_of, sum_grades
from studies.cases.dicom.renditions import compress_pixels

SEEDS_PER_SEQUENCE: Final = 1_000
SEQUENCES: Final = 1_000
MIN_MARGIN_MM: Final = 2.0
"""Both walls of L1 to L4 lie inside the field by at least this distance."""
GROUP_ORDER: Final = (1, 2, 0)
"""Groups of consecutive phantoms, as indices of `GROUPS`: few cells would differ from 0 if the
groups were as frequent as in the population, and kappa would then be uninformative."""
CACHE_S: Final = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class PracticePhantom:
    """Everything about a phantom that is shown, except its pixels; JSON values throughout."""

    image: dict[str, Any]
    scanner: str
    guides: list[dict[str, Any]]
    landmarks: dict[str, Any]


def find_seeds(*, sequence: int, used: Sequence[int], number: int) -> list[tuple[int, Layout]]:
    """Return the next suitable phantoms of a sequence, with the groups in turn.

    Parameters
    ----------
    sequence
        Usually the seed of a study: the same sequence always gives the same phantoms.
    used
        Seeds of the sequence that are not returned again.
    number
        How many to return; fewer where the sequence is exhausted.
    """
    # Each sequence has a block of seeds for itself, so that two studies rarely share a phantom.
    first = PRACTICE_SEEDS + sequence % SEQUENCES * SEEDS_PER_SEQUENCE
    candidates = [seed for seed in range(first, first + SEEDS_PER_SEQUENCE) if seed not in used]
    by_group = _ByGroup(candidates)
    phantoms: list[tuple[int, Layout]] = []
    # The turn continues after the phantoms in use, so that the groups stay balanced over all of
    # them.
    for turn in count(len(used)):
        if len(phantoms) == number or by_group.exhausted:
            return phantoms
        if (phantom := by_group.take(GROUP_ORDER[turn % len(GROUP_ORDER)])) is not None:
            phantoms.append(phantom)
    raise AssertionError("count() never ends")


class _ByGroup:
    """Suitable phantoms in the order of their seeds, sorted into groups as they are read."""

    def __init__(self, seeds: Sequence[int]) -> None:
        self._suitable = _suitable(seeds)
        self._waiting: dict[int, list[tuple[int, Layout]]] = {group: [] for group in GROUP_ORDER}
        self._ended = False

    @property
    def exhausted(self) -> bool:
        return self._ended and not any(self._waiting.values())

    def take(self, group: int) -> tuple[int, Layout] | None:
        """Return the next phantom of a group; None if the sequence has no other one."""
        # Phantoms of other groups that are met on the way wait for their turn, so none is skipped.
        while not self._waiting[group] and not self._ended:
            phantom = next(self._suitable, None)
            if phantom is None:
                self._ended = True
            else:
                self._waiting[_group(phantom[1])].append(phantom)
        return self._waiting[group].pop(0) if self._waiting[group] else None


def _suitable(seeds: Sequence[int]) -> Iterator[tuple[int, Layout]]:
    for seed in seeds:
        layout = practice_layout(seed)
        if _shows_all_levels(layout):
            yield seed, layout


def _group(layout: Layout) -> int:
    # The limits of a study do not matter here: the groups only vary the extent of calcification.
    return GROUPS.index(
        group_of(sum_grades(layout.grades.values()), DEFAULT_GROUP_LIMITS) or GROUPS[0]
    )


def practice_layout(seed: int) -> Layout:
    """Return the layout of a practice phantom: a complete field, five lumbar bodies."""
    # A practice case has all eight cells, its levels are certain, and its plaques can be seen.
    return lay_out(seed, family=CLASSIC, partial=0.0, odd_count=0.0)


def reference_plaques(seed: int) -> list[dict[str, Any]]:
    """Return the plaques of a phantom: level, wall and centre line in image pixels."""
    return [
        {
            "level": plaque.level,
            "wall": plaque.wall,
            # A hundredth of a pixel cannot be seen on the screen.
            "points": np.round(plaque.points, 2).tolist(),
        }
        for plaque in practice_layout(seed).plaques
    ]


def practice_phantom(seed: int) -> PracticePhantom:
    """Return the image, guides and landmarks of a phantom."""
    key = _key("facts", seed)
    cached = cache.get(key)
    if cached is None:
        cached = _draw(seed)[0]
        cache.set(key, cached, CACHE_S)
    return PracticePhantom(**cached)


def practice_pixels(seed: int) -> bytes:
    """Return the packed pixels of a phantom, as they are stored for cases."""
    key = _key("pixels", seed)
    cached: bytes | None = cache.get(key)
    if cached is not None:
        return cached
    facts, pixels = _draw(seed)
    cache.set(key, pixels, CACHE_S)
    # Both are needed in turn, so that one drawing serves both.
    cache.set(_key("facts", seed), facts, CACHE_S)
    return pixels


def _draw(seed: int) -> tuple[dict[str, Any], bytes]:
    phantom = draw_phantom(practice_layout(seed))
    dataset = as_dataset(phantom)
    shown = display(dataset)
    truth = phantom.truth
    facts = {
        "image": _image_facts(shown, phantom.anterior),
        "scanner": f"{dataset.Manufacturer} {dataset.ManufacturerModelName}",
        "guides": truth["guides"],
        "landmarks": truth["landmarks"],
    }
    return facts, compress_pixels(shown)


def _image_facts(shown: DisplayImage, anterior: str) -> dict[str, Any]:
    """Return the same facts as `studies.cases.representations.image_json` for a case."""
    height, width = shown.pixels.shape
    windows = [
        {"name": window.name, "center": window.center, "width": window.width}
        for window in shown.windows
    ]
    return {
        "width": width,
        "height": height,
        "bits": shown.bits,
        "windows": windows,
        "invert": shown.invert,
        "spacing_mm": list(shown.spacing_mm) if shown.spacing_mm else None,
        "pixel_aspect": shown.pixel_aspect,
        "anterior": anterior,
    }


def _shows_all_levels(layout: Layout) -> bool:
    """Return whether T12 to L5 and both walls of L1 to L4 lie inside the field."""
    margins = (*layout.front_mm.values(), *layout.ends_mm.values())
    indices = [LEVELS.index(vertebra.value) for vertebra in VERTEBRAE]
    corners = layout.corners[indices]
    size = np.array([layout.grid.width, layout.grid.height])
    inside = np.isfinite(corners) & (corners >= 0) & (corners <= size - 1)
    return min(margins) >= MIN_MARGIN_MM and bool(inside.all())


def _key(kind: str, seed: int) -> str:
    # A new version may draw the same seed differently.
    return f"practice-phantom:{settings.APP_VERSION}:{kind}:{seed}"
