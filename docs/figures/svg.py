"""A few shapes of SVG, enough for the figures of these documents."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

Place = tuple[float, float]

INK, GREY, PALE = "#222222", "#6B6B6B", "#F2F2F2"
BLUE, GREEN, ORANGE, VERMILION, SKY = "#0072B2", "#009E73", "#E69F00", "#D55E00", "#56B4E9"
FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"
ARROW = (
    '<marker id="{id}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
    'orient="auto-start-reverse"><path d="M0 1 L9 5 L0 9 z" fill="{colour}"/></marker>'
)


class Drawing:
    """Shapes in the order in which they are drawn, on white."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self.width, self.height, self.title = width, height, title
        self.parts: list[str] = []
        self.arrows: set[str] = set()

    def box(
        self,
        at: Place,
        size: Place,
        text: str = "",
        *,
        sub: str = "",
        colour: str = GREY,
        fill: str = "white",
    ) -> None:
        """A rounded box around its upper left corner, with a line and a smaller one in it."""
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
        at: Place,
        text: str,
        *,
        anchor: str = "start",
        size: float = 13,
        colour: str = INK,
        bold: bool = False,
    ) -> None:
        weight = ' font-weight="600"' if bold else ""
        self.parts.append(
            f'<text x="{at[0]:g}" y="{at[1]:g}" text-anchor="{anchor}" font-size="{size:g}" '
            f'fill="{colour}"{weight}>{escape(text)}</text>'
        )

    def line(
        self,
        places: Sequence[Place],
        *,
        colour: str = INK,
        width: float = 1.5,
        dash: str = "",
        arrow: bool = False,
    ) -> None:
        """A polyline, with a head at its end where it is an arrow."""
        drawn = " ".join(f"{x:.5g},{y:.5g}" for x, y in places)
        more = f' stroke-dasharray="{dash}"' if dash else ""
        if arrow:
            self.arrows.add(colour)
            more += f' marker-end="url(#a{colour[1:]})"'
        self.parts.append(
            f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
            f'stroke-linejoin="round"{more}/>'
        )

    def area(self, places: Sequence[Place], *, fill: str, opacity: float = 1.0) -> None:
        drawn = " ".join(f"{x:.5g},{y:.5g}" for x, y in places)
        self.parts.append(f'<polygon points="{drawn}" fill="{fill}" fill-opacity="{opacity:g}"/>')

    def dot(self, at: Place, radius: float, colour: str) -> None:
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
