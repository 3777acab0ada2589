"""Draw the figure of docs/guides.md: ``python -m docs.figures.guides > docs/figures/guides.svg``.

The figure uses the geometry code that it explains, on a constructed spine with pixels of 1 mm.
"""

from __future__ import annotations

import math
import sys

import numpy as np

from docs.figures.svg import GREEN, GREY, INK, ORANGE, VERMILION, Drawing, Point
from inference.crop.aortic_wall import WALL_MM
from inference.crop.margin_rule import check_crop
from inference.geometry.guides import draw_guides, mean_width
from inference.geometry.pixel_size import PixelSize
from inference.results import VERTEBRAE, Body, Guide, Landmarks

CENTRES = ((25, 24), (30, 56), (35.5, 90), (43, 125), (46, 161), (40, 196))
TILTS_DEG = (-13, -9, -6, 0, 6, 18)
DEPTH, BODY_HEIGHT = 34.0, 26.0
IMAGE = (78, 240)
"""Width and height of the field of view in mm."""
SCALE, LEFT, TOP = 3.3, 130.0, 0.0
"""SVG units per mm, and where the field of view starts on the figure."""
WIDTH, HEIGHT = 900, 730
CYAN, BROWN = "#00718A", "#8A5F00"


class _Scene:
    """The constructed spine with its guides and crop check, and its position on the figure."""

    def __init__(self) -> None:
        self.size = PixelSize.of((1.0, 1.0))
        spine = zip(CENTRES, TILTS_DEG, strict=True)
        self.landmarks = Landmarks(
            {v: _body(*centre_tilt) for v, centre_tilt in zip(VERTEBRAE, spine, strict=True)}
        )
        self.guides = draw_guides(self.landmarks, self.size)
        self.width = mean_width(self.guides, self.size)
        field = np.full((IMAGE[1], IMAGE[0]), 0.5, np.float32)
        self.crop = check_crop(field, self.guides, self.size)

    def point_to_figure(self, point: Point) -> Point:
        """Convert a point from mm in the field of view to SVG units."""
        return LEFT + SCALE * point[0], TOP + SCALE * point[1]

    def to_figure(self, *points: Point) -> list[Point]:
        return [self.point_to_figure(point) for point in points]


def draw() -> str:
    """Return the figure: bodies, the 13 lines, the expected aortic wall and the field of view."""
    drawing = Drawing(WIDTH, HEIGHT, "Guides, thirds and crop check")
    scene = _Scene()
    for vertebra, body in scene.landmarks.bodies.items():
        ring = scene.to_figure(*_ring(body))
        drawing.area(ring, fill="#EDEDED")
        drawing.line([*ring, ring[0]], colour=GREY)
        middle = np.mean(ring, axis=0)
        drawing.text((middle[0], middle[1] + 5), vertebra.value, anchor="middle", bold=True)
    for line in scene.guides:
        _draw_line(drawing, scene, line)
    _draw_field_end(drawing, scene)
    _draw_aortic_wall(drawing, scene)
    _draw_margins(drawing, scene)
    return str(drawing)


def _draw_line(drawing: Drawing, scene: _Scene, line: Guide) -> None:
    guide = line.kind == "guide"
    posterior, anterior, end = scene.to_figure(line.posterior, line.anterior, line.end)
    drawing.line(
        [posterior, end], colour=CYAN, width=2 if guide else 1, dash="" if guide else "5 4"
    )
    if guide:
        drawing.text((posterior[0] - 10, posterior[1] + 4), line.name, anchor="end", colour=CYAN)
        for at in (posterior, anterior):
            drawing.dot(at, 3.5, CYAN)
    else:
        drawing.text((end[0] + 6, end[1] + 4), line.name, size=10, colour=CYAN)


def _draw_field_end(drawing: Drawing, scene: _Scene) -> None:
    """Shade what lies outside the field of view, and cross each point where a line leaves it."""
    x = scene.point_to_figure((IMAGE[0] - 0.5, 0))[0]
    drawing.area([(x, 0), (WIDTH, 0), (WIDTH, HEIGHT), (x, HEIGHT)], fill=INK, opacity=0.07)
    drawing.line([(x, 0), (x, HEIGHT)], colour=INK, width=2)
    drawing.text((x + 10, 28), "end of the field of view", colour=INK, bold=True)
    for line in scene.crop.evidence["lines"]:
        if line["leaves"] and line["field_end"]:
            x, y = scene.point_to_figure(tuple(line["field_end"]))
            for rise in (-5, 5):
                drawing.line([(x - 5, y - rise), (x + 5, y + rise)], colour=VERMILION, width=2.5)


def _draw_aortic_wall(drawing: Drawing, scene: _Scene) -> None:
    """Draw the expected anterior aortic wall and the strip in which it may lie."""
    near, middle, far = (
        scene.to_figure(*(tuple(point) for point in scene.crop.evidence[name]))
        for name in ("front_near", "front", "front_far")
    )
    drawing.area([*near, *reversed(far)], fill=ORANGE, opacity=0.18)
    drawing.line(middle, colour=ORANGE, width=2.5, dash="9 5")
    x, y = middle[-1]
    first, *_, last = WALL_MM.values()
    caption = f"anterior aortic wall expected {first:g} to {last:g} mm anterior to the spine;"
    drawing.text((x + 20, y + 28), caption, colour=BROWN)
    drawing.text((x + 20, y + 45), "it may lie anywhere in the shaded strip", colour=BROWN)


def _draw_margins(drawing: Drawing, scene: _Scene) -> None:
    """Write W, and the margin and verdict of each level beside it."""
    x = 610
    drawing.text((x, 70), f"W = {scene.width:.0f} mm", bold=True)
    drawing.text((x, 90), "mean length of 12 lines", size=12)
    drawing.text((x, 107), "(excluding L4/L5)", size=12)
    for (_, y), (level, crop) in zip(CENTRES[1:], scene.crop.levels.items(), strict=False):
        colour = {"cropped": VERMILION, "borderline": BROWN}.get(crop.verdict, GREEN)
        text = f"{level}: margin {crop.margin_mm or 0:+.0f} mm, {crop.verdict}"
        drawing.text((x, scene.point_to_figure((0, y))[1] + 4), text, colour=colour, bold=True)


def _body(centre: Point, tilt_deg: float) -> Body:
    """Return a rectangular body around its centre (mm), tilted clockwise on the image."""
    cos, sin = math.cos(math.radians(tilt_deg)), math.sin(math.radians(tilt_deg))
    first, second, third, fourth = (
        (centre[0] + along * cos - down * sin, centre[1] + along * sin + down * cos)
        for down in (-BODY_HEIGHT / 2, BODY_HEIGHT / 2)
        for along in (-DEPTH / 2, DEPTH / 2)
    )
    return Body(first, second, third, fourth, confidence=None)


def _ring(body: Body) -> list[Point]:
    """Return the corners in the order of the outline."""
    ring = (
        body.superior_posterior,
        body.superior_anterior,
        body.inferior_anterior,
        body.inferior_posterior,
    )
    return [corner for corner in ring if corner is not None]


if __name__ == "__main__":
    sys.stdout.write(draw())
