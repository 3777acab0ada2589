"""Draw an analysis over its image, in true proportions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from inference.dicom.voi_windows import apply_window
from inference.geometry.guides import clip_segment, interpolate
from inference.image import Image
from inference.results import Analysis, Body, Guide, Point

HEIGHT = 1400
"""Height of the drawn image, in canvas pixels."""
MARGIN = 96
"""Space for line names on either side, in canvas pixels."""
GUIDE_COLOUR = (86, 210, 240)
# Yellow, orange and vermilion are those of Okabe and Ito (2008), which people with colour vision
# deficiency can tell apart.
BODY_COLOUR = (240, 228, 66)
FRONT_COLOUR = (230, 159, 0)
CROPPED_COLOUR = (213, 94, 0)
TEXT_COLOUR = (235, 235, 235)
BACKGROUND = (17, 17, 17)


def draw_overlay(image: Image, analysis: Analysis) -> PIL.Image.Image:
    """Return the image with bone bright and the results drawn over it.

    Guides and thirds are cyan, clipped to the image and labelled at their posterior end. Bodies are
    yellow. The expected anterior aortic wall is a dashed orange line; where a line leaves the field
    before it, a cross marks the end of the field. Warnings are listed below the image.
    """
    return _Sheet(image).draw(analysis)


class _Sheet:
    """A canvas with the image, and the map from image pixels to canvas pixels."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self.down = HEIGHT / image.height
        self.across = self.down / image.pixel_aspect
        self.font = PIL.ImageFont.load_default(18)
        self.small = PIL.ImageFont.load_default(15)

    def draw(self, analysis: Analysis) -> PIL.Image.Image:
        width = max(1, round(self.image.width * self.across))
        notes = _notes(analysis)
        size = (width + 2 * MARGIN, HEIGHT + 20 + 22 * len(notes))
        self.canvas = PIL.Image.new("RGB", size, BACKGROUND)
        grey = _windowed(self.image).resize((width, HEIGHT), PIL.Image.Resampling.LANCZOS)
        self.canvas.paste(grey, (MARGIN, 0))
        self.pen = PIL.ImageDraw.Draw(self.canvas)
        self._crop(analysis.measurements.crop.evidence)
        for guide in analysis.measurements.guides:
            self._guide(guide)
        for vertebra, body in analysis.prediction.landmarks.bodies.items():
            self._body(vertebra.value, body)
        for line, note in enumerate(notes):
            self.pen.text((8, HEIGHT + 8 + 22 * line), note, TEXT_COLOUR, font=self.small)
        return self.canvas

    def _to_canvas(self, point: Point) -> Point:
        return MARGIN + (point[0] + 0.5) * self.across, (point[1] + 0.5) * self.down

    def _line(self, points: Iterable[Point], colour: tuple[int, int, int], width: int) -> None:
        # The black outline keeps lines visible on bright bone.
        vertices = [self._to_canvas(point) for point in points]
        self.pen.line(vertices, fill=(0, 0, 0), width=width + 2)
        self.pen.line(vertices, fill=colour, width=width)

    def _guide(self, guide: Guide) -> None:
        part = clip_segment(guide.posterior, guide.end, self.image.width, self.image.height)
        if part is None:
            return
        self._line(part, GUIDE_COLOUR, 2 if guide.kind == "guide" else 1)
        if guide.kind == "guide":
            self._label(guide.name, part[0], away_from=guide.anterior, colour=GUIDE_COLOUR)

    def _body(self, name: str, body: Body) -> None:
        outline = (
            body.superior_posterior,
            body.superior_anterior,
            body.inferior_anterior,
            body.inferior_posterior,
        )
        corners = [corner for corner in outline if corner is not None]
        if len(corners) == len(outline):
            self._line([*corners, corners[0]], BODY_COLOUR, 1)
        for corner in corners:
            x, y = self._to_canvas(corner)
            self.pen.ellipse((x - 3, y - 3, x + 3, y + 3), fill=BODY_COLOUR, outline=(0, 0, 0))
        if corners:
            middle = (sum(c[0] for c in corners) / len(corners), sum(c[1] for c in corners))
            centre = self._to_canvas((middle[0], middle[1] / len(corners)))
            self.pen.text(
                centre,
                name,
                BODY_COLOUR,
                font=self.font,
                anchor="mm",
                stroke_width=2,
                stroke_fill=(0, 0, 0),
            )

    def _label(
        self, text: str, point: Point, *, away_from: Point, colour: tuple[int, int, int]
    ) -> None:
        x, y = self._to_canvas(point)
        leftwards = point[0] < away_from[0]
        self.pen.text(
            (x - 8 if leftwards else x + 8, y),
            text,
            colour,
            font=self.small,
            anchor="rm" if leftwards else "lm",
            stroke_width=2,
            stroke_fill=(0, 0, 0),
        )

    def _crop(self, evidence: Mapping[str, Any]) -> None:
        for name in ("front_near", "front_far"):
            for edge in pairwise(evidence.get(name, [])):
                part = clip_segment(*edge, self.image.width, self.image.height)
                if part is not None:
                    self._line(part, FRONT_COLOUR, 1)
        wall = [(float(x), float(y)) for x, y in evidence.get("front", [])]
        for start, end in pairwise(wall):
            for share in (0.0, 1 / 3, 2 / 3):
                dash = interpolate(start, end, share), interpolate(start, end, share + 1 / 6)
                part = clip_segment(*dash, self.image.width, self.image.height)
                if part is not None:
                    self._line(part, FRONT_COLOUR, 2)
        for line in evidence.get("lines", []):
            if line["leaves"] and line["field_end"]:
                x, y = self._to_canvas((line["field_end"][0], line["field_end"][1]))
                for rise in (-6, 6):
                    self.pen.line((x - 6, y - rise, x + 6, y + rise), CROPPED_COLOUR, width=3)


def _windowed(image: Image) -> PIL.Image.Image:
    """Return the image in its default window, with bone bright."""
    greys = apply_window(image.stored, image.windows[0], inverted=image.inverted)
    return PIL.Image.fromarray(greys).convert("RGB")


def _notes(analysis: Analysis) -> list[str]:
    """Return the lines of text below the image."""
    uncertain = [
        f"Uncertain: {reason.detail}"
        for reason in (analysis.prediction.view_uncertainty, analysis.prediction.level_uncertainty)
        if reason is not None
    ]
    warnings = [notice.text for notice in analysis.measurements.warnings]
    model = analysis.model
    return [
        *uncertain,
        *warnings,
        f"Aorta at L1 to L4: {analysis.measurements.crop.verdict}",
        f"{model.name} {model.checksum[:12]}: {model.training_note}",
        "For research, not for diagnosis",
    ]
