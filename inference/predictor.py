"""Predict landmarks in original image pixels with a loaded network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from inference.decoding.confidence_checks import check_level_labels
from inference.decoding.level_labels import LevelLabels, label_by_rank, label_by_sequence
from inference.decoding.shape_correction.correction import read_correction
from inference.decoding.vertebrae import DetectedBody
from inference.decoding.view_agreement import CLEAR, average_votes, measure_disagreement
from inference.decoding.view_check import check_view
from inference.detection.column import Detection, View
from inference.detection.detector import ColumnDetector
from inference.detection.variations import COMPARISON, VARIATIONS
from inference.image import Image
from inference.network.configuration import LEVEL_CLASSES
from inference.network.weights_header import WeightsHeader, is_synthetic, read_header
from inference.results import VERTEBRAE, Body, Landmarks, ModelInfo, Prediction
from inference.runtime.selection import Runtime, open_session
from inference.runtime.session import Precision, Session

SHIPPED_WEIGHTS: Final = Path(__file__).parent / "weights" / "verteread-lite.safetensors"


class Predictor:
    """A loaded network; create one per process and use it for every image.

    Examples
    --------
    >>> predictor = Predictor.load()  # doctest: +SKIP
    >>> predictor.predict(read_image("scan.dcm")).landmarks  # doctest: +SKIP
    """

    def __init__(
        self,
        header: WeightsHeader,
        session: Session,
        *,
        compare_unclear: bool = False,
        vary_unclear: bool = False,
    ) -> None:
        self._session = session
        self._compare_unclear = compare_unclear
        self._vary_unclear = vary_unclear
        self._by_rank = header.config.marks != "all"
        self.detector = ColumnDetector(header.config, session, read_correction())
        self.model = _describe(header)

    @classmethod
    def load(
        cls,
        weights: Path | None = None,
        *,
        threads: int | None = None,
        precision: Precision = "f32",
        runtime: Runtime | None = None,
        compare_unclear: bool = False,
        vary_unclear: bool = False,
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
        compare_unclear
            Whether an image whose labels are not clear is analysed in a variation as well, for
            `Prediction.disagreement`. Such an image takes up to twice the time.
        vary_unclear
            Whether the labels of such an image rest on the variation, too. This did not improve
            labels on phantoms (docs/vertenet.md).

        Raises
        ------
        CheckpointError
            If the file cannot be used.
        RuntimeUnavailable
            If ``runtime`` is not available.
        """
        header = read_header(weights or SHIPPED_WEIGHTS)
        session = open_session(header, threads=threads, precision=precision, runtime=runtime)
        return cls(header, session, compare_unclear=compare_unclear, vary_unclear=vary_unclear)

    @property
    def runtime(self) -> str:
        """The runtime with its settings, such as ``openvino 2026.4.1, f32, 2 threads``."""
        return self._session.runtime

    def predict(self, image: Image) -> Prediction:
        """Return the labelled vertebral bodies of one image.

        The network detects the anterior side. If it is uncertain, the image and its mirror image
        are both processed, and the clearer column is used. If bone turns out to be darker than the
        discs, the prediction is repeated with bone bright, as in the training data. A network with
        a second stage locates the corners of T12 to L5 once more, on a patch around each body; they
        are then corrected by the shape of the column.

        Returns
        -------
        Prediction
            Corners in original image pixels; corners outside the image are ``None``.
        """
        detection = self.detector.detect(image)
        # Distances are compared in isotropic pixels, so that all directions count alike.
        column = detection.bodies
        labels = self._label(detection, column)
        disagreement = self._disagreement(detection, labels)
        labels = self._label_with_variations(detection, labels)
        # Labels and their checks rest on the first stage, on which they were calibrated.
        bodies = _to_image(self.detector.refine(detection, labels.names))
        # Bodies without a label share the empty name, which no vertebra has.
        by_name = dict(zip(labels.names, bodies, strict=True))
        wanted = {v: by_name[v.value] for v in VERTEBRAE if v.value in by_name}
        return Prediction(
            landmarks=Landmarks(wanted),
            anterior="right" if detection.right >= 0.5 else "left",
            anterior_confidence=max(detection.right, 1 - detection.right),
            level_uncertainty=check_level_labels(
                column,
                labels,
                width=detection.width,
                end=detection.end,
                by_rank=self._by_rank,
            ),
            view_uncertainty=check_view(column, lateral=detection.view.lateral),
            bodies=bodies,
            names=labels.posterior,
            disagreement=disagreement,
        )

    def predict_all(self, images: Iterable[Image]) -> Iterator[Prediction]:
        """Yield the prediction of each image; batches would not take less time per image."""
        return (self.predict(image) for image in images)

    def _label(self, detection: Detection, column: Sequence[DetectedBody]) -> LevelLabels:
        if self._by_rank:
            return label_by_rank(column)
        return label_by_sequence(column, LEVEL_CLASSES, end=detection.end)

    def _disagreement(self, detection: Detection, labels: LevelLabels) -> float | None:
        if not self._compare_unclear or _are_clear(labels):
            return None
        again = self.detector.detect_again(detection, COMPARISON)
        return measure_disagreement(detection.bodies, [again])

    def _label_with_variations(self, detection: Detection, labels: LevelLabels) -> LevelLabels:
        if not self._vary_unclear or not detection.bodies or _are_clear(labels):
            return labels
        varied = [self.detector.detect_again(detection, one) for one in VARIATIONS.values()]
        return label_by_sequence(
            average_votes(detection.bodies, varied),
            LEVEL_CLASSES,
            end=detection.end,
            views=1 + len(varied),
        )


def _are_clear(labels: LevelLabels) -> bool:
    """Return whether the labels are clear at once; those by order are not judged."""
    return labels.posterior is None or labels.posterior.probability >= CLEAR


def _to_image(view: View) -> tuple[Body, ...]:
    """Return all detected bodies, from cranial to caudal, in original image pixels."""
    bodies = []
    for detected, points in zip(view.bodies, view.corners, strict=True):
        first, second, third, fourth = ((float(x), float(y)) for x, y in points)
        body = Body(first, second, third, fourth, confidence=round(detected.confidence, 4))
        bodies.append(body.within(view.frame.width, view.frame.height))
    return tuple(bodies)


def _describe(header: WeightsHeader) -> ModelInfo:
    trained_on = str(header.about.get("trained_on", ""))
    synthetic = is_synthetic(header.about)
    note = "trained on synthetic images, for demonstration" if synthetic else trained_on
    return ModelInfo(header.config.name, header.checksum, note, synthetic)
