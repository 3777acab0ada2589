"""A family of phantoms that differs from those of the training: darker, blurred and noisy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter

from inference.annotations.marked_images import MarkedImage
from inference.evaluation.samples import Sample, phantom_samples
from inference.image import Image

GAMMA = 2.2
BLUR_PX = 1.2
NOISE = 0.06


def shifted_samples(seeds: Sequence[int]) -> list[Sample]:
    """Return phantoms whose images were altered; each counts as a patient."""
    drawn = zip(phantom_samples(seeds, partial=0.0), seeds, strict=True)
    return [
        replace(sample, key=f"shifted: {seed}", subject=str(seed), open=_opener(sample, seed))
        for sample, seed in drawn
    ]


def _opener(sample: Sample, seed: int) -> Callable[[], tuple[Image, MarkedImage]]:
    def open_shifted() -> tuple[Image, MarkedImage]:
        image, marked = sample.open()
        noise = np.random.default_rng([seed, 3]).normal(0, NOISE, image.pixels.shape)
        grey = gaussian_filter(image.pixels, BLUR_PX) ** GAMMA + noise
        return replace(image, pixels=np.clip(grey, 0, 1).astype(np.float32)), marked

    return open_shifted
