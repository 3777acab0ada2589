"""Weights -> a warm session -> landmarks in original image pixels, with doubts said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.decoding.confidence_checks import check_level_labels, check_view
from inference.decoding.extra_peaks import decode_with_extra_peaks
from inference.decoding.level_labels import label_by_rank, label_by_sequence
from inference.decoding.vertebrae import DetectedBody, decode_all
from inference.geometry.input_transform import Frame
from inference.image import Image
from inference.network.configuration import LEVEL_CLASSES
from inference.network.weights_header import WeightsHeader, read_header
from inference.polarity import is_bone_dark
from inference.results import VERTEBRAE, Body, Landmarks, ModelInfo, Prediction
from inference.runtime.selection import Runtime, open_session
from inference.runtime.session import Precision, Session

SHIPPED_WEIGHTS: Final = Path(__file__).parent / "weights" / "verteread-lite.safetensors"
SURE_OF_SIDE: Final = 0.9
"""A side less certain than this is settled by looking at the image both ways."""
RIGHT_UNTOLD: Final = 0.6
"""How likely the front is right where a network has no opinion: in the authors' data it is."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """One look at the image, as it is or mirrored."""

    frame: Frame
    bodies: list[DetectedBody]
    lateral: float | None
    front_right: float | None

    @property
    def strength(self) -> float:
        return sum(body.confidence for body in self.bodies)


class Predictor:
    """A network ready to answer; make one a process and use it for every image.

    Examples
    --------
    >>> predictor = Predictor.load()  # doctest: +SKIP
    >>> predictor.predict(read_image("scan.dcm")).landmarks  # doctest: +SKIP
    """

    def __init__(self, header: WeightsHeader, session: Session) -> None:
        self._session = session
        self._config = header.config
        self.model = _describe(header)

    @classmethod
    def load(
        cls,
        weights: Path | None = None,
        *,
        threads: int | None = None,
        precision: Precision = "f32",
        runtime: Runtime | None = None,
    ) -> Predictor:
        """Read weights (those that ship where ``None``) into the fastest runtime that works here.

        Parameters
        ----------
        threads
            Of the processor; as many as the process may use where ``None``.
        precision
            "bf16" is faster where the processor has it, and moves landmarks by a little.
        runtime
            "openvino" or "torch", to have this one or none.

        Raises
        ------
        CheckpointError
            When the file cannot be used.
        RuntimeUnavailable
            When ``runtime`` cannot work here.
        """
        header = read_header(weights or SHIPPED_WEIGHTS)
        session = open_session(header, threads=threads, precision=precision, runtime=runtime)
        return cls(header, session)

    @property
    def runtime(self) -> str:
        """What computes: ``openvino 2026.4.1, f32, 2 threads``."""
        return self._session.runtime

    def predict(self, image: Image) -> Prediction:
        """Find and name the bodies of one image.

        The side of the front is what the network sees; where it is not sure, the image is looked
        at both ways and the way that shows the clearer column counts. Where bone turns out to be
        darker than the discs, all is asked again of the image with bone bright, as the network
        knows it best.
        """
        seen, right = self._look_from_its_side(image.pixels)
        if is_bone_dark(image.pixels, _corners(seen)):
            seen, right = self._look_from_its_side(image.inverted_pixels())
        by_rank = self._config.marks != "all"
        named = (
            label_by_rank(seen.bodies) if by_rank else label_by_sequence(seen.bodies, LEVEL_CLASSES)
        )
        marked, upright = _to_image(seen), _upright(seen, image.pixel_aspect)
        end = image.height * image.pixel_aspect
        by_name = dict(zip(named.names, marked, strict=True))
        found = {v: by_name[v.value] for v in VERTEBRAE if v.value in by_name}
        return Prediction(
            landmarks=Landmarks(found),
            anterior="right" if right >= 0.5 else "left",
            anterior_confidence=max(right, 1 - right),
            level_doubt=check_level_labels(upright, named, end=end, by_rank=by_rank),
            view_doubt=check_view(upright, lateral=seen.lateral),
            bodies=marked,
        )

    def predict_all(self, images: Iterable[Image]) -> Iterator[Prediction]:
        """One image after the other, as they come: a batch would take no less time an image."""
        return (self.predict(image) for image in images)

    def maps(self, pixels: NDArray[np.float32], frame: Frame) -> dict[str, NDArray[np.float32]]:
        """The network's raw maps (channels first) for one image seen through a frame."""
        return self._session.infer(frame.resize(pixels, antialias=self._config.antialias))

    def _look_from_its_side(self, pixels: NDArray[np.float32]) -> tuple[_Seen, float]:
        """The look that counts, and how likely the front is right."""
        seen = self._look(pixels, mirrored=False)
        if seen.front_right is not None and seen.front_right >= SURE_OF_SIDE:
            return seen, seen.front_right
        other = self._look(pixels, mirrored=True)
        right = _right_probability(seen, other)
        return (seen if right >= 0.5 else other), right

    def _look(self, pixels: NDArray[np.float32], *, mirrored: bool) -> _Seen:
        net_height, net_width = self._config.input_size
        height, width = pixels.shape
        frame = Frame(width, height, net_width, net_height, mirrored=mirrored)
        maps = self.maps(pixels, frame)
        if self._config.marks != "all":
            return _Seen(frame, decode_with_extra_peaks(maps), None, None)
        lateral, right = (float(1 / (1 + np.exp(-value))) for value in _image_logits(maps))
        return _Seen(frame, decode_all(maps), lateral, right)


def _image_logits(maps: Mapping[str, NDArray[np.float32]]) -> tuple[float, float]:
    view, side = maps["image"]
    return 2 * float(view), float(side)


def _right_probability(seen: _Seen, other: _Seen) -> float:
    """How likely the front is right, from one look at the image and one at its mirror image."""
    if seen.front_right is not None and other.front_right is not None:
        opinion = (seen.front_right + 1 - other.front_right) / 2
    else:
        opinion = RIGHT_UNTOLD
    total = seen.strength + other.strength
    clearer = seen.strength / total if total > 0 else 0.5
    return float(np.clip(0.5 * opinion + 0.5 * clearer, 0, 1))


def _corners(seen: _Seen) -> NDArray[np.float64]:
    """(bodies, 4, 2), from above, in original image pixels, outside the image too."""
    return seen.frame.to_source(
        np.array([found.corners for found in seen.bodies]).reshape(-1, 4, 2)
    )


def _to_image(seen: _Seen) -> tuple[Body, ...]:
    """Every marked body, from above, in original image pixels."""
    marked = []
    for found, points in zip(seen.bodies, _corners(seen), strict=True):
        first, second, third, fourth = ((float(x), float(y)) for x, y in points)
        body = Body(first, second, third, fourth, confidence=round(found.confidence, 4))
        marked.append(body.within(seen.frame.width, seen.frame.height))
    return tuple(marked)


def _upright(seen: _Seen, pixel_aspect: float) -> list[DetectedBody]:
    """The bodies in the image's proportions: pixels as high as wide."""
    return [
        replace(body, corners=corners * (1.0, pixel_aspect))
        for body, corners in zip(seen.bodies, _corners(seen), strict=True)
    ]


def _describe(header: WeightsHeader) -> ModelInfo:
    trained_on = str(header.about.get("trained_on", ""))
    synthetic = trained_on.startswith("synthetic")
    note = "trained on synthetic images, for demonstration" if synthetic else trained_on
    return ModelInfo(header.config.name, header.checksum, note, synthetic)
