"""How long the networks take, as ratios within one run: ``make bench``.

The reference is the paper's network, literal, dense, eager, in 32 bits on one thread, with its
decode, on an image already in memory. Absolute times mean nothing across machines.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from inference.configuration import VERTENET
from inference.decode import decode_ranked
from inference.image import read_image
from inference.phantom import generate
from inference.phantom.export import write_dicom
from inference.pipeline import analyze
from inference.predictor import Predictor
from inference.vertenet.network import build

ROUNDS = 7


def test_shipped_network_answers_in_a_fifth_of_the_papers_time(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    path = tmp_path / "phantom.dcm"
    write_dicom(generate(1, family="ge_idxa"), path)
    started = time.perf_counter()
    predictor = Predictor.load(threads=1)
    cold = time.perf_counter() - started
    image = read_image(path)
    paper = build(VERTENET)
    grey = torch.from_numpy(np.random.default_rng(7).random((1, 3, 1024, 512), np.float32) - 0.5)

    def reference() -> None:
        with torch.inference_mode():
            decode_ranked({name: value[0].numpy() for name, value in paper(grey).items()})

    contestants: dict[str, Callable[[], object]] = {
        "paper's network, literal": reference,
        "shipped network, image to landmarks": lambda: predictor.predict(image),
        "shipped network, file to JSON": lambda: analyze(read_image(path), predictor).to_dict(),
    }
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, run in contestants.items():
            begun = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - begun)
    base = statistics.median(times["paper's network, literal"])
    print(f"\none thread, median of {ROUNDS}, alternated")  # noqa: T201
    for name, taken in times.items():
        middle = statistics.median(taken)
        print(f"{name:40s} {1000 * middle:8.0f} ms   {base / middle:6.2f}x")  # noqa: T201
    print(f"{'loading the shipped weights':40s} {1000 * cold:8.0f} ms")  # noqa: T201
    assert base / statistics.median(times["shipped network, file to JSON"]) >= 5
