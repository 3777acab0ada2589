"""Draw boxes, lines, areas and text as SVG for the figures of the documents."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

Point = tuple[float, float]
"""x and y in SVG units, from the upper left corner."""

INK, GREY, PALE = "#222222", "#6B6B6B", "#F2F2F2"
BLUE, GREEN, ORANGE, VERMILION, SKY = "#0072B2", "#009E73", "#E69F00", "#D55E00", "#56B4E9"
FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"
ARROW = (
    '<marker id="{id}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
    'orient="auto-start-reverse"><path d="M0 1 L9 5 L0 9 z" fill="{colour}"/></marker>'
)


class Drawing:
    """An SVG image on a white background; shapes added later cover earlier ones."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self.width, self.height, self.title = width, height, title
        self.parts: list[str] = []
        self.arrows: set[str] = set()

    def box(
        self,
        at: Point,
        size: Point,
        text: str = "",
        *,
        sub: str = "",
        colour: str = GREY,
        fill: str = "white",
    ) -> None:
        """Add a rounded box with a centred title and, below it, a smaller subtitle.

        Parameters
        ----------
        at
            Upper left corner.
        size
            Width and height.
        """
        (x, y), (width, height) = at, size
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5" '
            f'fill="{fill}" stroke="{colour}" stroke-width="1.5"/>'
        )
        middle = x + width / 2, y + height / 2
        if text:
            self.text((middle[0], middle[1] + (-2 if sub else 4.5)), text, anchor="middle")
        if sub:
            self.text((middle[0], middle[1] + 14), sub, anchor="middle", size=11, colour=GREY)

    def text(
        self,
        at: Point,
        text: str,
        *,
        anchor: str = "start",
        size: float = 13,
        colour: str = INK,
        bold: bool = False,
    ) -> None:
        """Add a line of text; ``at`` is its baseline point, on the side that ``anchor`` names."""
        weight = ' font-weight="600"' if bold else ""
        self.parts.append(
            f'<text x="{at[0]:g}" y="{at[1]:g}" text-anchor="{anchor}" font-size="{size:g}" '
            f'fill="{colour}"{weight}>{escape(text)}</text>'
        )

    def line(
        self,
        points: Sequence[Point],
        *,
        colour: str = INK,
        width: float = 1.5,
        dash: str = "",
        arrow: bool = False,
    ) -> None:
        """Add a polyline, with an arrow head at its last point if ``arrow``."""
        drawn = " ".join(f"{x:.5g},{y:.5g}" for x, y in points)
        more = f' stroke-dasharray="{dash}"' if dash else ""
        if arrow:
            self.arrows.add(colour)
            more += f' marker-end="url(#a{colour[1:]})"'
        self.parts.append(
            f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
            f'stroke-linejoin="round"{more}/>'
        )

    def area(self, points: Sequence[Point], *, fill: str, opacity: float = 1.0) -> None:
        """Add a filled polygon without an outline."""
        drawn = " ".join(f"{x:.5g},{y:.5g}" for x, y in points)
        self.parts.append(f'<polygon points="{drawn}" fill="{fill}" fill-opacity="{opacity:g}"/>')

    def dot(self, at: Point, radius: float, colour: str) -> None:
        """Add a filled circle."""
        self.parts.append(
            f'<circle cx="{at[0]:.5g}" cy="{at[1]:.5g}" r="{radius:g}" fill="{colour}"/>'
        )

    def __str__(self) -> str:
        heads = "".join(ARROW.format(id=f"a{c[1:]}", colour=c) for c in sorted(self.arrows))
        size = (
            f'viewBox="0 0 {self.width} {self.height}" width="{self.width}" height="{self.height}"'
        )
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FONT}" role="img">',
                f"<title>{escape(self.title)}</title>",
                f"<defs>{heads}</defs>" if heads else "<defs/>",
                f'<rect width="{self.width}" height="{self.height}" fill="white"/>',
                *self.parts,
                "</svg>",
                "",
            ]
        )
