"""Families of phantoms: which scanner, subject, field of view and export they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class BoneStyle:
    """How the bones appear on images of a scanner. Ranges are (low, high).

    Attributes
    ----------
    fill, endplate, wall : range
        Brightness of trabecular bone, endplates and walls of a body.
    shell_mm : range of mm
        Thickness of the cortical bone.
    posterior : range
        Brightness of the posterior elements; 1 is typical.
    band : range
        Brightness of a vertical band that merges the posterior elements; 0 for none.
    canal, haze : float
        Largest brightness of the grey behind the bodies, and of the disc spaces relative to bone.
    plaque, pelvis : float
        Brightness of plaques and of the pelvis; 1 is typical.
    uneven : float
        Standard deviation of the logarithm by which endplates of different bodies differ.
    """

    fill: Range = (0.36, 0.6)
    endplate: Range = (0.15, 0.42)
    wall: Range = (0.08, 0.25)
    shell_mm: Range = (0.5, 1.1)
    posterior: Range = (0.6, 1.25)
    band: Range = (0.0, 0.0)
    canal: float = 0.4
    haze: float = 0.7
    plaque: float = 1.0
    pelvis: float = 1.0
    uneven: float = 0.0


USUAL_BONE: Final = BoneStyle()
"""Bones on images that show soft tissue."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """Typical properties of one kind of scanner. Ranges are (low, high).

    Attributes
    ----------
    name, maker, model : str
        Key, manufacturer and model in DICOM files.
    bits : int
        8 or 12.
    pixel_mm : range of mm
        Pixel height.
    aspect : range
        Pixel width over pixel height.
    width_mm, height_mm : range of mm
        Size of the field of view.
    soft : range
        Weight of soft tissue, negative where dual energy removes more than all of it.
    blur_mm : range of mm
        Standard deviation of the blur.
    noise : range
        Standard deviation of the noise; a vertebral body is near 0.6. For subtracted images
        relative to the contrast of a body.
    clip_soft : float
        Probability that the display window clips soft tissue to black.
    sharpen : range
        Strength of unsharp masking.
    subtracted : bool
        Whether soft tissue is subtracted, so that it is a flat mid-grey.
    bone : BoneStyle
        Appearance of the bones.
    """

    name: str
    maker: str
    model: str
    bits: int
    pixel_mm: Range
    aspect: Range
    width_mm: Range
    height_mm: Range
    soft: Range
    blur_mm: Range
    noise: Range
    clip_soft: float
    sharpen: Range
    subtracted: bool = False
    bone: BoneStyle = USUAL_BONE


SCANNERS: Final[dict[str, Scanner]] = {
    scanner.name: scanner
    for scanner in (
        Scanner(
            "hologic_se",
            "Hologic, Inc.",
            "Horizon A",
            12,
            (0.30, 0.40),
            (0.9, 1.1),
            (125, 165),
            (300, 430),
            (0.35, 0.9),
            (0.25, 0.6),
            (0.006, 0.025),
            0.1,
            (0.0, 1.2),
        ),
        Scanner(
            "hologic_de",
            "Hologic, Inc.",
            "Discovery W",
            12,
            (0.35, 0.50),
            (0.85, 1.2),
            (120, 160),
            (280, 420),
            (0.05, 0.35),
            (0.4, 0.9),
            (0.02, 0.06),
            0.3,
            (0.0, 0.6),
        ),
        Scanner(
            "ge_prodigy",
            "GE Healthcare",
            "Prodigy",
            8,
            (0.45, 0.60),
            (0.9, 1.1),
            (130, 190),
            (280, 420),
            (-0.1, 0.35),
            (0.5, 1.0),
            (0.015, 0.05),
            0.6,
            (0.0, 0.8),
        ),
        Scanner(
            "ge_idxa",
            "GE Healthcare",
            "Lunar iDXA",
            8,
            (0.247, 0.30),
            (1.0, 1.0),
            (150, 205),
            (300, 440),
            (-0.15, 0.3),
            (0.25, 0.55),
            (0.006, 0.03),
            0.85,
            (0.0, 1.5),
        ),
        Scanner(
            "ge_de",
            "GE Healthcare",
            "Lunar iDXA",
            12,
            (0.30, 0.85),
            (0.8, 1.3),
            (95, 150),
            (280, 420),
            (-0.06, 0.06),
            (0.2, 0.6),
            (0.5, 1.3),
            0.0,
            (0.0, 0.0),
            subtracted=True,
            bone=BoneStyle(
                fill=(0.045, 0.14),
                endplate=(0.12, 0.34),
                wall=(0.0, 0.03),
                shell_mm=(0.4, 0.8),
                posterior=(0.15, 0.5),
                band=(0.10, 0.4),
                canal=0.15,
                haze=1.3,
                plaque=0.5,
                pelvis=0.4,
                uneven=0.3,
            ),
        ),
    )
}

_BY_SOFT_TISSUE: Final = ("ge_idxa", "ge_prodigy", "hologic_de", "hologic_se")


@dataclass(frozen=True, slots=True)
class Family:
    """Phantoms that are drawn and evaluated as one group.

    Attributes
    ----------
    name : str
        Key of the family.
    scanners : tuple of str
        Keys of its scanners.
    share : float
        Share of the family among all phantoms.
    mirrored : float
        Probability that anterior is on the left.
    degenerative, limited, obscured, altered : float
        Probability of a degenerative spine; of a field of view that ends within the spine; of L5
        and S1 behind a bright pelvis; and of an export that alters the image.
    """

    name: str
    scanners: tuple[str, ...]
    share: float
    mirrored: float = 0.1
    degenerative: float = 0.0
    limited: float = 0.0
    obscured: float = 0.0
    altered: float = 0.0


FAMILIES: Final[dict[str, Family]] = {
    family.name: family
    for family in (
        *(Family(name, (name,), 0.15) for name in _BY_SOFT_TISSUE),
        Family("ge_de", ("ge_de",), 0.14, mirrored=0.5, degenerative=0.3, obscured=0.15),
        Family("degenerative", _BY_SOFT_TISSUE, 0.12, degenerative=1.0, obscured=0.15),
        Family(
            "limited_field",
            (*_BY_SOFT_TISSUE, "ge_de"),
            0.07,
            degenerative=0.15,
            limited=0.8,
            obscured=0.6,
        ),
        Family(
            "altered_export",
            (*_BY_SOFT_TISSUE, "ge_idxa", "ge_de"),
            0.07,
            degenerative=0.15,
            obscured=0.15,
            altered=1.0,
        ),
    )
}
CLASSIC: Final = _BY_SOFT_TISSUE
"""Families that show soft tissue, in complete fields and unaltered exports of ordinary spines."""
DEMANDING: Final = tuple(name for name in FAMILIES if name not in CLASSIC)
"""Families with subtracted soft tissue, degenerative spines, limited fields or altered exports."""


def draw_family(rng: np.random.Generator, demanding: float | None = None) -> str:
    """Return the key of a random family.

    Parameters
    ----------
    rng : Generator
        Source of random numbers.
    demanding : float, optional
        Share of the families in `DEMANDING`, whose shares relative to each other do not change; by
        default the shares in `FAMILIES`.
    """
    shares = family_shares(demanding)
    return str(rng.choice(list(shares), p=list(shares.values())))


def family_shares(demanding: float | None = None) -> Mapping[str, float]:
    """Return the share of each family, with the sum 1; ``demanding`` as in `draw_family`."""
    shares = {name: family.share for name, family in FAMILIES.items()}
    usual = sum(shares[name] for name in DEMANDING)
    if demanding is None:
        demanding = usual
    factors = {True: demanding / usual, False: (1 - demanding) / (1 - usual)}
    return {name: share * factors[name in DEMANDING] for name, share in shares.items()}
