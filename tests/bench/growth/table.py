"""One line per scenario and size: 0.1.0, now, their ratio and the target."""

from __future__ import annotations

from dataclasses import dataclass

HEADS = ("scenario", "cases", "0.1.0", "now", "ratio", "target")
WIDTHS = (34, 6, 44, 44, 7, 30)


@dataclass(frozen=True, slots=True)
class Figures:
    """Measurements of one version.

    Attributes
    ----------
    cost
        The number compared with the other version; smaller is better.
    text
        All measurements as text.
    """

    cost: float
    text: str


def of_request(measured: dict[str, float]) -> Figures:
    """Return the measurements of `probe.request`, compared by processor time."""
    text = (
        f"{measured['cpu_s']:.2f} s CPU ({measured['seconds']:.2f} s), "
        f"{measured['queries']:.0f} queries, {measured['kilobytes']:.0f} kB, "
        f"{measured['peak_mb']:.0f} MB"
    )
    return Figures(measured["cpu_s"], text)


def head() -> str:
    return _line(HEADS)


def line(
    scenario: str, cases: int, old: Figures | None, now: Figures, recorded: str, target: str
) -> str:
    before = old.text if old else f"{recorded} (recorded)" if recorded else "-"
    ratio = f"{old.cost / now.cost:.1f}x" if old and now.cost else ""
    return _line((scenario, f"{cases:,}", before, now.text, ratio, target))


def _line(cells: tuple[str, ...]) -> str:
    return " | ".join(f"{cell:<{width}}" for cell, width in zip(cells, WIDTHS, strict=True))
