"""Draw the packages of the platform and their imports, read from the import statements.

python -m docs.figures.architecture > docs/figures/architecture.svg
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from docs.figures.svg import BLUE, GREEN, GREY, Drawing, Point

CHECKOUT = Path(__file__).resolve().parents[2]
BOX = (178, 46)
GAP_X, GAP_Y, MARGIN, ARROW = 34, 34, 24, 12
DESCRIPTIONS = {
    "inference": "network and geometry",
    "administration": "people, health, audit trail",
    "analytics": "statistics on arrays",
    "audit": "append-only events",
    "cases": "upload, images, landmarks",
    "conduct": "log and progress of a study",
    "demonstration": "demonstration studies",
    "fine_tuning": "models and fine-tuning",
    "notifications": "emails about a study",
    "practice": "instructions, certification",
    "correspondence": "messages, announcements",
    "protocol": "study, sites, arms",
    "readers": "people and permissions",
    "registry": "models of the platform",
    "reports": "results: pages and files",
    "review": "adjudication, reopening",
    "sessions": "assignment and reading",
}
"""Subtitles of the boxes; other packages are drawn with their names only."""
WITHOUT_DATABASE = {"inference", "analytics"}
INFRASTRUCTURE = {"cache", "jobs", "mail", "monitoring", "serving", "storage"}
"""Packages that most others use. docs/architecture.md describes them; the figure omits them."""
Graph = Mapping[str, frozenset[str]]


def read_graph(checkout: Path) -> Graph:
    """Return the packages below ``studies``, and ``inference``, with the packages they import.

    Modules directly in ``studies`` (settings, URLs, errors) belong to no package. Packages without
    any import from or to another package are left out.
    """
    packages = {path.parent.name: path.parent for path in checkout.glob("studies/*/__init__.py")}
    packages["inference"] = checkout / "inference"
    imported = {
        name: {package for path in folder.rglob("*.py") for package in _imports(path)}
        for name, folder in packages.items()
    }
    graph = {name: frozenset((imported[name] & packages.keys()) - {name}) for name in packages}
    used = frozenset[str]().union(*graph.values())
    return {name: needs for name, needs in sorted(graph.items()) if needs or name in used}


def _imports(path: Path) -> Iterator[str]:
    """Yield the package of each import of ``studies.X`` or ``inference`` in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for parts in (name.split(".") for name in names):
            if parts[0] == "inference":
                yield "inference"
            elif parts[0] == "studies" and len(parts) > 1:
                yield parts[1]


def without_infrastructure(graph: Graph) -> Graph:
    """Return the packages that the figure shows."""
    shown = graph.keys() - INFRASTRUCTURE
    return {name: graph[name] & shown for name in graph if name in shown}


def depths(graph: Graph) -> dict[str, int]:
    """Return for each package the length of its longest chain of imports.

    Raises
    ------
    ValueError
        If packages import each other in a cycle.
    """
    known: dict[str, int] = {}

    def depth(name: str, above: tuple[str, ...]) -> int:
        if name in above:
            raise ValueError(f"packages import each other: {' -> '.join((*above, name))}")
        if name not in known:
            known[name] = max((1 + depth(need, (*above, name)) for need in graph[name]), default=0)
        return known[name]

    for name in graph:
        depth(name, ())
    return known


def chain(graph: Graph) -> list[str]:
    """Return the longest chain of imports, from the top: the packages that data pass through."""
    levels = depths(graph)
    steps = [max(graph, key=lambda name: (levels[name], name))]
    while graph[steps[-1]]:
        steps.append(max(graph[steps[-1]], key=lambda name: (levels[name], name)))
    return steps


def drawn_imports(graph: Graph) -> list[tuple[str, str]]:
    """Return the imports to draw: all except those that follow from the chain."""
    steps = chain(graph)
    return [
        (name, need)
        for name, needs in graph.items()
        for need in sorted(needs)
        if need not in steps or name not in steps or steps.index(need) == steps.index(name) + 1
    ]


def corners_of(graph: Graph) -> dict[str, Point]:
    """Return the upper left corner of each box: the chain on the left, other packages beside it."""
    levels, steps = depths(graph), chain(graph)
    corners = {name: _corner(0, row) for row, name in enumerate(steps)}
    beside = [name for name in graph if name not in steps]
    for column, name in enumerate(beside, start=1):
        corners[name] = _corner(column, len(steps) - 1 - levels[name])
    return corners


def _corner(column: int, row: int) -> Point:
    return MARGIN + column * (BOX[0] + GAP_X), MARGIN + row * (BOX[1] + GAP_Y)


def draw() -> str:
    """Return the figure as SVG."""
    graph = without_infrastructure(read_graph(CHECKOUT))
    corners = corners_of(graph)
    width = max(x for x, _ in corners.values()) + BOX[0] + MARGIN
    height = max(y for _, y in corners.values()) + BOX[1] + MARGIN
    drawing = Drawing(int(width), int(height), "The packages of VerteRead and their imports")
    arrows = drawn_imports(graph)
    for name, need in arrows:
        leaving = sorted((b for a, b in arrows if a == name), key=lambda package: corners[package])
        arriving = sorted(
            (a for a, b in arrows if b == need), key=lambda package: -corners[package][1]
        )
        shift = ARROW * arriving.index(name), ARROW * leaving.index(need)
        drawing.line(_way(corners[name], corners[need], shift), colour=GREY, arrow=True)
    for name, corner in corners.items():
        drawing.box(
            corner,
            BOX,
            name if name == "inference" else f"studies.{name}",
            sub=DESCRIPTIONS.get(name, ""),
            colour=GREEN if name in WITHOUT_DATABASE else BLUE,
        )
    return str(drawing)


def _way(start: Point, end: Point, shift: Point) -> list[Point]:
    """Return the points of an arrow from one box to another.

    ``shift`` separates arrows that end at the same box (horizontally) or start at it (vertically).
    """
    (x0, y0), (x1, y1) = start, end
    if x0 == x1:
        return [(x0 + BOX[0] / 2, y0 + BOX[1]), (x1 + BOX[0] / 2, y1 - 1)]
    if x0 < x1:
        x, y = x1 + 2 * ARROW + shift[0], y0 + shift[1]
        return [(x0 + BOX[0], y), (x, y), (x, y1 - 1)]
    x, y = x0 + BOX[0] / 2, y1 + BOX[1] / 2
    return [(x, y0 + BOX[1]), (x, y), (x1 + BOX[0] + 1, y)]


if __name__ == "__main__":
    sys.stdout.write(draw())
