"""What a run of the bench found, as values and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One mode of one network.

    Attributes
    ----------
    wall_ms : median time of an image to its bodies
    ratio, processor_ratio : the reference's time by this one's, by the clock and of processor time
    moved_px : how far corners lie from the literal mode's, in pixels of the paper's frame
    apart : what only one of the two found
    gflops, of_roof : work by time, and its share of the rate attainable with these numbers
    cold_s, cold_processor_s, memory_mib : a fresh process from its start to its first answer
    """

    mode: str
    wall_ms: float
    ratio: float
    processor_ratio: float
    moved_px: float
    apart: int
    gflops: float
    of_roof: float | None
    cold_s: float
    cold_processor_s: float
    memory_mib: float


@dataclass(frozen=True, slots=True)
class FileTiming:
    """One DICOM file to its JSON with the shipped network.

    ``ratio`` is the reference's time by the warm one; cold is ``predict`` in a fresh process,
    beside it what importing torch takes there.
    """

    runtime: str
    warm_ms: float
    ratio: float
    processor_ratio: float
    cold_s: float
    cold_processor_s: float
    import_torch_s: float
    import_torch_processor_s: float

    def to_text(self) -> str:
        return (
            f"  warm {self.warm_ms:.0f} ms: {self.ratio:.1f}x the reference's speed, "
            f"{self.processor_ratio:.1f}x in processor time\n"
            f"  cold {self.cold_s:.2f} s, of the processor {self.cold_processor_s:.2f} s; "
            f"importing torch {self.import_torch_s:.2f} s, {self.import_torch_processor_s:.2f} s"
        )


@dataclass(frozen=True, slots=True)
class Report:
    """Everything, in the order of the table.

    ``batch_ratio`` is an image's processor time within a batch by that of a single image, with the
    shipped network.
    """

    machine: str
    threads: int
    rounds: int
    phantoms: int
    roof_gflops: Mapping[str, float]
    paper: Sequence[Row]
    shipped: Sequence[Row]
    file: FileTiming
    batch_ratio: float
    missing: Sequence[str] = field(default_factory=tuple)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def to_text(self) -> str:
        roof = ", ".join(f"{kind} {rate:.0f}" for kind, rate in self.roof_gflops.items())
        lines = [
            f"{self.machine}; {self.threads} thread(s); medians of {self.rounds} alternated rounds",
            f"Attainable GFLOP/s of matrix products: {roof}",
            "",
            "The paper's network, 1024 x 512, seeded weights, image in memory to six vertebrae",
            *_table(self.paper, "px max"),
            "",
            f"The shipped network, px over {self.phantoms} phantoms",
            *_table(self.shipped, "px p99"),
            "",
            f"DICOM file to JSON, shipped network, {self.file.runtime}",
            self.file.to_text(),
            f"  an image of a batch takes {self.batch_ratio:.2f} of a single one's processor time",
            *(f"Not here: {reason}" for reason in self.missing),
        ]
        return "\n".join(lines) + "\n"


def _table(rows: Sequence[Row], moved: str) -> list[str]:
    head = (
        f"  {'mode':<15}{'ms':>8}{'ratio':>8}{'cpu':>8}{moved:>10}{'apart':>7}"
        f"{'GFLOP/s':>9}{'of roof':>9}{'cold s':>8}{'cpu s':>7}{'MiB':>7}"
    )
    return [head, *(_line(row) for row in rows)]


def _line(row: Row) -> str:
    share = f"{100 * row.of_roof:.0f}%" if row.of_roof is not None else "-"
    return (
        f"  {row.mode:<15}{row.wall_ms:>8.0f}{row.ratio:>7.2f}x{row.processor_ratio:>7.2f}x"
        f"{row.moved_px:>10.5f}{row.apart:>7}{row.gflops:>9.0f}{share:>9}"
        f"{row.cold_s:>8.2f}{row.cold_processor_s:>7.2f}{row.memory_mib:>7.0f}"
    )
