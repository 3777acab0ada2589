"""Where the aorta's front is to be expected before the lines' anterior ends, and how surely.

Lines tell where the spine ends, not where the vessel lies, and no measure of the bodies foretells
it. On phantoms (seeds 20,000,000 to 20,002,999) a distance in mm for each guide leaves 2.8 mm
(standard deviation), a share of the bodies' depth for each guide 3.8 mm; depth, height, tilt and
lordosis together leave no less than 2.8 mm. Nor do people's vessels grow much with the body: 19 cm
of height are 1 mm of calibre (Lederle 1997).

People agree with the distances: 1 to 3 mm between disc and vessel (SD 2 to 3; Kot 2022, 557 scans)
and a calibre of 21 to 22 mm above the kidneys and 18 to 19 mm below them (Joh 2013; interquartile
range 3 mm in either sex, Zhu 2021) put the front 22 to 24 mm before T12/L1 and 20 to 22 mm before
L4. Those spreads taken together are about 3.3 mm, a little more than the phantom's.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from inference.geometry.pixel_size import PixelSize

FRONT_MM: Final = {"T12/L1": 24.0, "L1/L2": 23.0, "L2/L3": 22.0, "L3/L4": 21.0, "L4/L5": 20.0}
"""How far before each guide's anterior end the vessel's front lies, on average."""
SPREAD_MM: Final = 2.8
"""The standard deviation of what is left: how far a subject's front lies from there."""
WIDTH_MM: Final = 30.3
"""W on average: where a file tells no spacing, it is the only ruler, and a worse one."""
SPREAD_BY_WIDTH_MM: Final = 3.8
NEAR_SPREADS: Final = 1.5
FAR_SPREADS: Final = 2.5
"""How many standard deviations before and beyond its average the front may well lie.

Further beyond than before, since some vessels are wider than most and none much narrower, and since
an aorta cut off unseen spoils its scores while a second look costs a minute. docs/guides.md has the
table that they were chosen by.
"""


@dataclass(frozen=True, slots=True)
class ExpectedWall:
    """Distances before a line's anterior end: where the front is expected, and the least and most.

    In the units of the `PixelSize` they were made for.
    """

    near: float
    middle: float
    far: float


def expected_walls(size: PixelSize, width: float) -> dict[str, ExpectedWall]:
    """For each of the 13 lines by name; ``width`` is W in the units of `size`.

    Examples
    --------
    >>> expected_walls(PixelSize.of((1, 1)), 30.3)["L1 1/3"].middle
    23.667
    """
    scale = 1.0 if size.in_mm else width / WIDTH_MM
    spread = scale * (SPREAD_MM if size.in_mm else SPREAD_BY_WIDTH_MM)
    guides = list(FRONT_MM.items())
    middles = dict(guides)
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
