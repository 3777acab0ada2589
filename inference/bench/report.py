"""Results of a benchmark, as values and as a text table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """Results of one mode of one network.

    Attributes
    ----------
    mode
        Runtime and precision.
    wall_ms
        Median wall time from an image to its vertebral bodies.
    ratio, processor_ratio
        Wall and processor time of the reference divided by those of this mode.
    moved_px
        Distance of corners from those of the literal mode, in pixels of the 512 x 1024 frame.
    apart
        Number of bodies or corners that only one of the two modes found.
    gflops
        Operations per second in units of 10^9.
    of_roof
        Share of the attainable rate, or ``None`` if that is unknown.
    cold_s, cold_processor_s, memory_mib
        Wall time, processor time and peak memory of a new process up to its first result.
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
    """Times from a DICOM file to JSON with the bundled network.

    Attributes
    ----------
    runtime
        Description of the runtime.
    warm_ms
        Median wall time in a process with a loaded network.
    ratio, processor_ratio
        Wall and processor time of the reference divided by those of the warm process.
    cold_s, cold_processor_s
        Wall and processor time of the command ``predict`` in a new process.
    import_torch_s, import_torch_processor_s
        Wall and processor time of importing torch in a new process, for comparison.
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
        """Return the times as two lines of text."""
        return (
            f"  warm: {self.warm_ms:.0f} ms, {self.ratio:.1f} times as fast as the reference "
            f"({self.processor_ratio:.1f} times by processor time)\n"
            f"  cold: {self.cold_s:.2f} s, processor time {self.cold_processor_s:.2f} s; "
            f"import of torch: {self.import_torch_s:.2f} s, processor time "
            f"{self.import_torch_processor_s:.2f} s"
        )


@dataclass(frozen=True, slots=True)
class Report:
    """Complete results of a benchmark.

    Attributes
    ----------
    machine
        Name of the processor.
    threads, rounds, phantoms
        Settings of the benchmark.
    roof_gflops
        Attainable rate of matrix products by number format, in 10^9 operations per second.
    paper, shipped
        Results by mode, of the network of the paper and of the bundled network.
    file
        Times from a DICOM file to JSON.
    batch_ratio
        Processor time per image in a batch relative to that of a single image.
    missing
        Modes that do not work on this machine, with the reason.
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
        """Return the results as a dictionary that JSON can represent."""
        return asdict(self)

    def to_text(self) -> str:
        """Return the results as text tables."""
        roof = ", ".join(f"{kind} {rate:.0f}" for kind, rate in self.roof_gflops.items())
        lines = [
            f"{self.machine}; {self.threads} thread(s); medians of {self.rounds} rounds in turn",
            f"Attainable GFLOP/s of matrix products: {roof}",
            "",
            "Network of the paper, 1024 x 512, seeded weights: image in memory to six vertebrae",
            *_table(self.paper, "px max"),
            "",
            f"Bundled network, px over {self.phantoms} phantoms",
            *_table(self.shipped, "px p99"),
            "",
            f"DICOM file to JSON, bundled network, {self.file.runtime}",
            self.file.to_text(),
            f"  batch: {self.batch_ratio:.2f} times the processor time per image of a single image",
            *(f"Not available: {reason}" for reason in self.missing),
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
