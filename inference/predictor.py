"""Predict landmarks in original image pixels with a loaded network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.decoding.confidence_checks import check_level_labels
from inference.decoding.extra_peaks import decode_with_extra_peaks
from inference.decoding.level_labels import label_by_rank, label_by_sequence
from inference.decoding.vertebrae import DetectedBody, decode_all
from inference.decoding.view_check import check_view
from inference.geometry.input_transform import Frame
from inference.image import Image
from inference.network.configuration import LEVEL_CLASSES
from inference.network.weights_header import WeightsHeader, is_synthetic, read_header
from inference.polarity import is_bone_dark
from inference.results import VERTEBRAE, Body, Landmarks, ModelInfo, Prediction
from inference.runtime.selection import Runtime, open_session
from inference.runtime.session import Precision, Session

SHIPPED_WEIGHTS: Final = Path(__file__).parent / "weights" / "verteread-lite.safetensors"
# How the two probabilities were selected is not recorded.
CERTAIN_SIDE: Final = 0.9
"""Probability of a right anterior side from which on the mirror image is not processed."""
DEFAULT_RIGHT: Final = 0.6
"""Prior probability of a right anterior side, for networks without such an output; in the data of
VerteNet's authors, anterior is always to the right."""


@dataclass(frozen=True, slots=True)
class _View:
    """The network's result for the image as it is or mirrored.

    Attributes
    ----------
    lateral, anterior_right
        Probabilities of a lateral view and of a right anterior side; ``None`` without such outputs.
    """

    frame: Frame
    bodies: list[DetectedBody]
    lateral: float | None
    anterior_right: float | None

    @property
    def strength(self) -> float:
        """Return the total confidence of the bodies."""
        return sum(body.confidence for body in self.bodies)


class Predictor:
    """A loaded network; create one per process and use it for every image.

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
        """Load weights into the fastest available runtime.

        Parameters
        ----------
        weights
            File with weights; the bundled ones if ``None``.
        threads
            Processor threads; all that the process may use if ``None``.
        precision
            "bf16" is faster on processors that support it and moves landmarks slightly.
        runtime
            "openvino" or "torch" to require that runtime.

        Raises
        ------
        CheckpointError
            If the file cannot be used.
        RuntimeUnavailable
            If ``runtime`` is not available.
        """
        header = read_header(weights or SHIPPED_WEIGHTS)
        session = open_session(header, threads=threads, precision=precision, runtime=runtime)
        return cls(header, session)

    @property
    def runtime(self) -> str:
        """The runtime with its settings, such as ``openvino 2026.4.1, f32, 2 threads``."""
        return self._session.runtime

    def predict(self, image: Image) -> Prediction:
        """Return the labelled vertebral bodies of one image.

        The network detects the anterior side. If it is uncertain, the image and its mirror image
        are both processed, and the clearer column is used. If bone turns out to be darker than the
        discs, the prediction is repeated with bone bright, as in the training data.

        Returns
        -------
        Prediction
            Corners in original image pixels; corners outside the image are ``None``.
        """
        view, right = self._view_from_anterior_side(image.pixels)
        # Training images have bright bone, whatever the file states.
        if is_bone_dark(image.pixels, _corners(view)):
            view, right = self._view_from_anterior_side(image.inverted_pixels())
        by_rank = self._config.marks != "all"
        if by_rank:
            labels = label_by_rank(view.bodies)
        else:
            labels = label_by_sequence(view.bodies, LEVEL_CLASSES)
        bodies, isotropic = _to_image(view), _isotropic(view, image.pixel_aspect)
        # Distances are compared in isotropic pixels, so that all directions count alike.
        end = image.height * image.pixel_aspect
        # Bodies without a label share the empty name, which no vertebra has.
        by_name = dict(zip(labels.names, bodies, strict=True))
        wanted = {v: by_name[v.value] for v in VERTEBRAE if v.value in by_name}
        return Prediction(
            landmarks=Landmarks(wanted),
            anterior="right" if right >= 0.5 else "left",
            anterior_confidence=max(right, 1 - right),
            level_uncertainty=check_level_labels(isotropic, labels, end=end, by_rank=by_rank),
            view_uncertainty=check_view(isotropic, lateral=view.lateral),
            bodies=bodies,
        )

    def predict_all(self, images: Iterable[Image]) -> Iterator[Prediction]:
        """Yield the prediction of each image; batches would not take less time per image."""
        return (self.predict(image) for image in images)

    def maps(self, pixels: NDArray[np.float32], frame: Frame) -> dict[str, NDArray[np.float32]]:
        """Return the network's raw maps (channels, height, width) for one image.

        Parameters
        ----------
        pixels
            Grey values (height, width) in [0, 1].
        frame
            The map from the image to the network's input.
        """
        return self._session.infer(frame.resize(pixels, antialias=self._config.antialias))

    def _view_from_anterior_side(self, pixels: NDArray[np.float32]) -> tuple[_View, float]:
        """Return the view with anterior to the right, and the probability of that side."""
        view = self._view(pixels, mirrored=False)
        if view.anterior_right is not None and view.anterior_right >= CERTAIN_SIDE:
            return view, view.anterior_right
        mirrored = self._view(pixels, mirrored=True)
        right = _right_probability(view, mirrored)
        return (view if right >= 0.5 else mirrored), right

    def _view(self, pixels: NDArray[np.float32], *, mirrored: bool) -> _View:
        net_height, net_width = self._config.input_size
        height, width = pixels.shape
        frame = Frame(width, height, net_width, net_height, mirrored=mirrored)
        maps = self.maps(pixels, frame)
        if self._config.marks != "all":
            return _View(frame, decode_with_extra_peaks(maps), None, None)
        lateral, right = (float(1 / (1 + np.exp(-value))) for value in _image_logits(maps))
        return _View(frame, decode_all(maps), lateral, right)


def _image_logits(maps: Mapping[str, NDArray[np.float32]]) -> tuple[float, float]:
    """Return the logits of a lateral view and of a right anterior side."""
    view, side = maps["image"]
    # Twice, because training uses cross-entropy over the pair (-view, view), whose difference is 2
    # view.
    return 2 * float(view), float(side)


def _right_probability(view: _View, mirrored: _View) -> float:
    """Return the probability of a right anterior side from an image and its mirror image.

    The network's output and the share of confidence in the unmirrored view have equal weight.
    """
    if view.anterior_right is not None and mirrored.anterior_right is not None:
        # The mirror image answers the opposite question, so both answers are averaged.
        direct = (view.anterior_right + 1 - mirrored.anterior_right) / 2
    else:
        direct = DEFAULT_RIGHT
    total = view.strength + mirrored.strength
    # A spine that is seen from the wrong side is detected less clearly.
    clarity = view.strength / total if total > 0 else 0.5
    return float(np.clip(0.5 * direct + 0.5 * clarity, 0, 1))


def _corners(view: _View) -> NDArray[np.float64]:
    """Return corners (bodies, 4, 2) in original image pixels, including those outside the image."""
    corners = np.array([body.corners for body in view.bodies]).reshape(-1, 4, 2)
    return view.frame.to_source(corners)


def _to_image(view: _View) -> tuple[Body, ...]:
    """Return all detected bodies, from cranial to caudal, in original image pixels."""
    bodies = []
    for detected, points in zip(view.bodies, _corners(view), strict=True):
        first, second, third, fourth = ((float(x), float(y)) for x, y in points)
        body = Body(first, second, third, fourth, confidence=round(detected.confidence, 4))
        bodies.append(body.within(view.frame.width, view.frame.height))
    return tuple(bodies)


def _isotropic(view: _View, pixel_aspect: float) -> list[DetectedBody]:
    """Return the bodies in isotropic pixels of the image's width."""
    return [
        replace(body, corners=corners * (1.0, pixel_aspect))
        for body, corners in zip(view.bodies, _corners(view), strict=True)
    ]


def _describe(header: WeightsHeader) -> ModelInfo:
    trained_on = str(header.about.get("trained_on", ""))
    synthetic = is_synthetic(header.about)
    note = "trained on synthetic images, for demonstration" if synthetic else trained_on
    return ModelInfo(header.config.name, header.checksum, note, synthetic)
