"""Observations for the calibration of level labels: detected bodies with their true levels.

The network is run once per image. The detected bodies are stored as JSON lines, from which the
calibration is fitted and judged as often as needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from inference.decoding.vertebrae import DetectedBody
from inference.detection.column import Detection
from inference.detection.detector import ColumnDetector
from inference.detection.variations import Variation
from inference.evaluation.calibration.cue_removal import CUES
from inference.evaluation.samples import phantom_lumbar
from inference.image import image_from_dataset
from inference.phantom import Phantom
from inference.phantom.anatomy import LEVELS
from inference.phantom.export import as_dataset
from inference.phantom.generator import draw_phantom, lay_out
from inference.phantom.population import ODD_COUNT

SAME_BODY: Final = 0.5
"""Largest distance of a detected body from the true one, in true body heights."""
DECIMALS: Final = 3
"""Decimals of stored values, to keep the file small."""


@dataclass(frozen=True, slots=True)
class Observation:
    """The bodies that the network detected in one phantom, with their true levels.

    Attributes
    ----------
    key
        Seed and condition.
    family, condition
        Scanner family, and a key of `CUES`.
    bodies
        From cranial to caudal, in isotropic pixels.
    width, end
        Width and height of the image in isotropic pixels.
    levels
        True level of each body; empty for a detection where there is no body.
    visible
        Levels whose centres lie in the image.
    lumbar
        Number of lumbar bodies of the subject.
    sacrum_hidden
        Whether the lumbosacral disc lies in the image but cannot be seen.
    variations
        Bodies that were detected in variations of the image, by name of the variation.
    """

    key: str
    family: str
    condition: str
    bodies: list[DetectedBody]
    width: float
    end: float
    levels: tuple[str, ...]
    visible: tuple[str, ...]
    lumbar: int
    sacrum_hidden: bool = False
    variations: Mapping[str, list[DetectedBody]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the observation as a dictionary that JSON can represent."""
        return {
            "key": self.key,
            "family": self.family,
            "condition": self.condition,
            "bodies": [_body_to_dict(body) for body in self.bodies],
            "width": self.width,
            "end": self.end,
            "levels": list(self.levels),
            "visible": list(self.visible),
            "lumbar": self.lumbar,
            "sacrum_hidden": self.sacrum_hidden,
            "variations": {
                name: [_body_to_dict(body) for body in bodies]
                for name, bodies in self.variations.items()
            },
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Observation:
        """Return the observation that :meth:`to_dict` wrote."""
        return cls(
            key=data["key"],
            family=data["family"],
            condition=data["condition"],
            bodies=[_body_from_dict(body) for body in data["bodies"]],
            width=data["width"],
            end=data["end"],
            levels=tuple(data["levels"]),
            visible=tuple(data["visible"]),
            lumbar=data["lumbar"],
            sacrum_hidden=data["sacrum_hidden"],
            variations={
                name: [_body_from_dict(body) for body in bodies]
                for name, bodies in data["variations"].items()
            },
        )


def observe(
    seeds: Sequence[int],
    detector: ColumnDetector,
    *,
    families: Sequence[str],
    variations: Mapping[str, Variation],
    odd_count: float = ODD_COUNT,
) -> Iterator[Observation]:
    """Yield one observation per seed.

    Families and conditions alternate, so that any run of seeds contains all of them.

    Parameters
    ----------
    seeds
        Seeds of the phantoms.
    detector
        The network.
    families
        Scanner families of the phantoms.
    variations
        Variations that are detected as well, by name.
    odd_count
        Probability of four or six lumbar bodies.
    """
    conditions = list(CUES)
    for seed in seeds:
        condition = conditions[seed % len(conditions)]
        family = families[seed // len(conditions) % len(families)]
        layout = lay_out(seed, family=family, odd_count=odd_count)
        phantom = draw_phantom(layout)
        removal = CUES[condition]
        if removal is not None:
            # A separate random stream, so that a phantom is the same under every condition.
            phantom = removal(phantom, np.random.default_rng([seed, 3]))
            # What was blurred may be hidden now. Cutting rows hides nothing that stays.
            if phantom.pixels.shape == (layout.grid.height, layout.grid.width):
                hidden = layout.hides_sacrum(phantom.pixels)
                phantom = replace(phantom, sacrum_hidden=hidden)
        yield observe_phantom(phantom, condition, detector, variations)


def observe_phantom(
    phantom: Phantom,
    condition: str,
    detector: ColumnDetector,
    variations: Mapping[str, Variation],
) -> Observation:
    """Return the bodies that a network detects in a phantom."""
    image = image_from_dataset(as_dataset(phantom))
    detection = detector.detect(image)
    bodies = detection.bodies
    height, width = phantom.pixels.shape
    centers = phantom.corners.mean(axis=1)
    inside = (centers >= -0.5) & (centers <= np.array([width, height]) - 0.5)
    true = phantom.corners * (1.0, image.pixel_aspect)
    return Observation(
        key=f"phantom {phantom.seed}, {condition}",
        family=phantom.family,
        condition=condition,
        bodies=bodies,
        width=detection.width,
        end=detection.end,
        levels=true_levels(bodies, true),
        visible=tuple(name for name, seen in zip(LEVELS, inside.all(axis=1), strict=True) if seen),
        lumbar=phantom_lumbar(phantom),
        sacrum_hidden=phantom.sacrum_hidden,
        variations=_detect_variations(detector, detection, variations),
    )


def true_levels(bodies: Sequence[DetectedBody], corners: NDArray[np.float64]) -> tuple[str, ...]:
    """Return the level of each body, empty where no true body is near.

    Parameters
    ----------
    bodies
        Detected bodies.
    corners
        True corners (levels, 4, 2) in the same pixels, NaN for absent levels.
    """
    present = np.flatnonzero(np.isfinite(corners).all(axis=(1, 2)))
    centers = corners[present].mean(axis=1)
    heights = np.linalg.norm(corners[present, 2:] - corners[present, :2], axis=2).mean(axis=1)
    names = []
    for body in bodies:
        distances = np.linalg.norm(centers - body.center, axis=1)
        nearest = int(distances.argmin())
        near = distances[nearest] <= SAME_BODY * heights[nearest]
        names.append(LEVELS[present[nearest]] if near else "")
    return tuple(names)


def _detect_variations(
    detector: ColumnDetector, detection: Detection, variations: Mapping[str, Variation]
) -> dict[str, list[DetectedBody]]:
    return {
        name: detector.detect_again(detection, variation) for name, variation in variations.items()
    }


def _body_to_dict(body: DetectedBody) -> dict[str, Any]:
    return {
        "corners": np.round(body.corners, DECIMALS).tolist(),
        "peak": round(body.peak, DECIMALS),
        "sharpness": round(body.sharpness, DECIMALS),
        "level": np.round(body.level, DECIMALS).tolist(),
    }


def _body_from_dict(data: Mapping[str, Any]) -> DetectedBody:
    return DetectedBody(
        np.array(data["corners"]), data["peak"], data["sharpness"], np.array(data["level"])
    )
