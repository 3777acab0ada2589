"""Benchmark of every mode of both networks relative to the unoptimised network of the paper."""

from __future__ import annotations

import json
import platform
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.bench.cold_start import IMPORT_TORCH, measure_cold_start, run_in_new_process
from inference.bench.deterministic_weights import seeded_grey, seeded_network
from inference.bench.landmarks import LandmarkShift, compare_bodies, compare_predictors
from inference.bench.modes import Mode, best_exact, open_modes
from inference.bench.report import FileTiming, Report, Row
from inference.bench.roofline import attainable_gflops
from inference.bench.timing import Times, alternate
from inference.decoding.vertebrae import decode_all, decode_ranked
from inference.geometry.input_transform import Frame
from inference.image import Image, image_from_dataset, read_image
from inference.network.checkpoint import save_checkpoint
from inference.network.weights_header import WeightsHeader, read_header
from inference.phantom import generate
from inference.phantom.export import as_dataset, write_dicom
from inference.phantom.families import CLASSIC
from inference.pipeline import analyze
from inference.predictor import SHIPPED_WEIGHTS, Predictor

FIRST_PHANTOM: Final = 5_000_000
"""Seed of the first phantom that the benchmark draws."""
FILE: Final = "file to JSON"
SINGLE: Final = "one image"
BATCH: Final = "a batch"
BATCH_SIZE: Final = 4
_PREDICT: Final = """
import sys
from inference.__main__ import main
main(["predict", sys.argv[1], "--threads", sys.argv[2]])
"""


def bench(*, rounds: int, threads: int, phantoms: int, weights: Path | None = None) -> Report:
    """Measure all modes.

    This takes some minutes, and longer in the first run, when networks are compiled.

    Parameters
    ----------
    rounds
        Number of measured rounds; times are medians over rounds.
    threads
        Number of CPU threads.
    phantoms
        Number of phantoms on which landmarks are compared.
    weights
        Weights to use instead of the bundled ones.
    """
    with tempfile.TemporaryDirectory() as folder:
        # The weights of the paper are not public; timing does not depend on their values.
        paper = _seeded_weights(Path(folder))
        shipped = read_header(weights or SHIPPED_WEIGHTS)
        scan = Path(folder) / "phantom.dcm"
        write_dicom(generate(FIRST_PHANTOM, family=CLASSIC), scan)
        return _Benchmark(paper, shipped, scan, rounds, threads, phantoms).report()


class _Benchmark:
    """One run: sessions of all modes, and what is measured with them."""

    def __init__(
        self,
        paper: WeightsHeader,
        shipped: WeightsHeader,
        scan: Path,
        rounds: int,
        threads: int,
        phantoms: int,
    ) -> None:
        self.paper, self.shipped, self.scan = paper, shipped, scan
        self.rounds, self.threads, self.phantoms = rounds, threads, phantoms
        self.paper_modes, missing = open_modes(paper, threads=threads)
        self.shipped_modes, also_missing = open_modes(shipped, threads=threads)
        # The same reason may apply to both networks and is then reported once.
        self.missing = tuple(dict.fromkeys([*missing, *also_missing]))
        self.grey = seeded_grey().astype(np.float32)
        self.predictors = {
            mode.name: Predictor(shipped, mode.session) for mode in self.shipped_modes
        }

    def report(self) -> Report:
        roof = attainable_gflops(self.rounds)
        # Timed in one run, because ratios of separate runs would depend on other load.
        times = alternate(self._tasks(), self.rounds)
        reference = times["paper literal f32"]
        paper = [
            self._row(self.paper, mode, times[f"paper {mode.name}"], reference, roof, shift, 100)
            # Only a few corners are compared here, so their maximum (percentile 100) is reported.
            for mode, shift in zip(self.paper_modes, self._paper_shifts(), strict=True)
        ]
        shipped = [
            self._row(self.shipped, mode, times[f"shipped {mode.name}"], reference, roof, shift, 99)
            # Over many phantoms the 99th percentile is robust to a single ambiguous corner.
            for mode, shift in zip(self.shipped_modes, self._shipped_shifts(), strict=True)
        ]
        return Report(
            machine=_machine(),
            threads=self.threads,
            rounds=self.rounds,
            phantoms=self.phantoms,
            roof_gflops=roof,
            paper=paper,
            shipped=shipped,
            file=self._file(times[FILE], reference),
            batch_ratio=times[BATCH].processor_s / BATCH_SIZE / times[SINGLE].processor_s,
            missing=self.missing,
        )

    def _tasks(self) -> dict[str, Callable[[], object]]:
        phantom = _phantom(FIRST_PHANTOM)
        grey = _resized(phantom, self.shipped)
        predictor = self.predictors[best_exact(self.shipped_modes).name]
        runs: dict[str, Callable[[], object]] = {}
        for mode in self.paper_modes:
            runs[f"paper {mode.name}"] = partial(_decode_ranked, mode, self.grey)
        for mode in self.shipped_modes:
            runs[f"shipped {mode.name}"] = partial(_decode_all, mode, grey)
        runs[FILE] = partial(_file_to_json, self.scan, predictor)
        runs[SINGLE] = partial(predictor.predict, phantom)
        runs[BATCH] = partial(_predict_batch, predictor, [phantom] * BATCH_SIZE)
        return runs

    def _paper_shifts(self) -> list[LandmarkShift]:
        literal = decode_ranked(self.paper_modes[0].session.infer(self.grey))
        return [
            compare_bodies(literal, decode_ranked(mode.session.infer(self.grey)))
            for mode in self.paper_modes
        ]

    def _shipped_shifts(self) -> list[LandmarkShift]:
        images = [_phantom(FIRST_PHANTOM + seed) for seed in range(self.phantoms)]
        literal = self.predictors[self.shipped_modes[0].name]
        return [
            compare_predictors(literal, self.predictors[mode.name], images)
            for mode in self.shipped_modes
        ]

    def _row(
        self,
        header: WeightsHeader,
        mode: Mode,
        times: Times,
        reference: Times,
        roof: dict[str, float],
        shift: LandmarkShift,
        share: float,
    ) -> Row:
        cold = measure_cold_start(header.path, mode.runtime, mode.precision, self.threads)
        # Processor time is summed over threads, whereas the rate is that of all threads together.
        rate = mode.work_gflop / times.processor_s * self.threads
        return Row(
            mode=mode.name,
            wall_ms=1000 * times.wall_s,
            ratio=reference.wall_s / times.wall_s,
            processor_ratio=reference.processor_s / times.processor_s,
            moved_px=shift.percentile(share),
            apart=shift.unmatched,
            gflops=rate,
            of_roof=rate / roof[mode.precision] if mode.precision in roof else None,
            cold_s=cold.wall_s,
            cold_processor_s=cold.processor_s,
            memory_mib=cold.memory_mib,
        )

    def _file(self, times: Times, reference: Times) -> FileTiming:
        cold = run_in_new_process(_PREDICT, str(self.scan), str(self.threads))
        # Importing torch is what a cold start with OpenVINO avoids.
        imported = run_in_new_process(IMPORT_TORCH)
        return FileTiming(
            runtime=best_exact(self.shipped_modes).session.runtime,
            warm_ms=1000 * times.wall_s,
            ratio=reference.wall_s / times.wall_s,
            processor_ratio=reference.processor_s / times.processor_s,
            cold_s=cold.wall_s,
            cold_processor_s=cold.processor_s,
            import_torch_s=imported.wall_s,
            import_torch_processor_s=imported.processor_s,
        )


def _seeded_weights(folder: Path) -> WeightsHeader:
    path = folder / "seeded.safetensors"
    save_checkpoint(path, seeded_network().float(), {"trained_on": "nothing: seeded"})
    return read_header(path)


def _phantom(seed: int) -> Image:
    return image_from_dataset(as_dataset(generate(seed, family=CLASSIC)))


def _resized(image: Image, header: WeightsHeader) -> NDArray[np.float32]:
    height, width = header.config.input_size
    frame = Frame(image.width, image.height, width, height)
    return frame.resize(image.pixels, antialias=header.config.antialias)


def _decode_ranked(mode: Mode, grey: NDArray[np.float32]) -> Sequence[object]:
    return decode_ranked(mode.session.infer(grey))


def _decode_all(mode: Mode, grey: NDArray[np.float32]) -> Sequence[object]:
    return decode_all(mode.session.infer(grey))


def _predict_batch(predictor: Predictor, images: Sequence[Image]) -> Sequence[object]:
    return list(predictor.predict_all(images))


def _file_to_json(path: Path, predictor: Predictor) -> str:
    return json.dumps(analyze(read_image(path), predictor).to_dict())


def _machine() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    # On x86 the name of the processor is in /proc/cpuinfo, once per core.
    names = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else platform.machine()
