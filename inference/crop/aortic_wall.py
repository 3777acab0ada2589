"""Predict the position of the anterior aortic wall from the lines at the spine.

The landmarks show where the spine ends, not where the vessel lies, and no measure of the vertebral
bodies predicts it better than a fixed distance. On phantoms (seeds 20,000,000 to 20,002,999) a
distance in mm per guide leaves a standard deviation (SD) of 2.8 mm and a fraction of the mean width
W per guide 3.8 mm; width, height, tilt and lordosis together do not reduce the 2.8 mm. Calibre
hardly depends on body size: 19 cm of height correspond to 1 mm (Lederle 1997).

Published data agree with these distances: 1 to 3 mm between disc and aorta (SD 2 to 3 mm; Kot 2022,
557 scans) and a calibre of 21 to 22 mm above and 18 to 19 mm below the renal arteries (Joh 2013;
interquartile range 3 mm in both sexes, Zhu 2021) place the wall 22 to 24 mm anterior to T12/L1 and
20 to 22 mm anterior to L4. These spreads combine to about 3.3 mm, slightly more than the phantom's.
docs/guides.md has the full references and tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from inference.geometry.pixel_size import PixelSize

WALL_MM: Final = {"T12/L1": 24.0, "L1/L2": 23.0, "L2/L3": 22.0, "L3/L4": 21.0, "L4/L5": 20.0}
"""Mean distance of the anterior aortic wall from each guide's anterior end (phantoms)."""
SPREAD_MM: Final = 2.8
"""Standard deviation of the individual wall position around that mean (phantoms)."""
WIDTH_MM: Final = 30.3
"""Mean W of the phantoms, which replaces mm as the unit if a file gives no spacing."""
SPREAD_BY_WIDTH_MM: Final = 3.8
"""Standard deviation if distances are scaled by W (phantoms)."""
NEAR_SPREADS: Final = 1.5
FAR_SPREADS: Final = 2.5
"""Borderline range, in standard deviations closer to and further from the spine than the mean.

The range extends further anteriorly, because some aortas are much wider than most and none is much
narrower, and because an unnoticed cropped aorta invalidates scores while a second look takes a
minute. It was chosen on phantoms as the narrowest range with a sensitivity and specificity of at
least 98 % (table in docs/guides.md).
"""


@dataclass(frozen=True, slots=True)
class ExpectedWall:
    """Nearest, expected and farthest distance of the wall from a line's anterior end.

    Distances are in units of the `PixelSize` that they were calculated for.
    """

    near: float
    middle: float
    far: float


def expected_walls(size: PixelSize, width: float) -> dict[str, ExpectedWall]:
    """Return the expected wall of each of the 13 lines, by name of the line.

    Parameters
    ----------
    size
        Pixel size. If it is not in mm, distances are scaled by W.
    width
        W (`inference.geometry.guides.mean_width`), in units of `size`.

    Examples
    --------
    >>> expected_walls(PixelSize.of((1, 1)), 30.3)["L1 1/3"].middle
    23.667
    """
    # Without mm, W is the only length of the image; it varies between people, hence the larger
    # spread.
    scale = 1.0 if size.in_mm else width / WIDTH_MM
    spread = scale * (SPREAD_MM if size.in_mm else SPREAD_BY_WIDTH_MM)
    guides = list(WALL_MM.items())
    middles = dict(guides)
    # Thirds are interpolated between the guides above and below.
    for (above, upper), (_, lower) in pairwise(guides):
        level = above.partition("/")[2]
        middles |= {f"{level} {k}/3": round(upper + (lower - upper) * k / 3, 3) for k in (1, 2)}
    return {
        name: ExpectedWall(
            scale * middle - NEAR_SPREADS * spread,
            scale * middle,
            scale * middle + FAR_SPREADS * spread,
        )
        for name, middle in middles.items()
    }
