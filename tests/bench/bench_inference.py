"""Speed of the networks, tested as ratios within one run: ``make bench``.

`python -m inference bench` prints the same table without testing it.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from inference.bench.bench_run import bench
from inference.bench.report import Report, Row


@pytest.fixture(scope="module")
def report() -> Report:
    measured = bench(rounds=7, threads=1, phantoms=20)
    print("\n" + measured.to_text())  # noqa: T201
    return measured


def row(rows: object, mode: str) -> Row:
    assert isinstance(rows, list)
    matching = [candidate for candidate in rows if candidate.mode == mode]
    if not matching:
        pytest.skip(f"{mode} is not available on this machine")
    return matching[0]


def test_torch_is_faster_than_the_literal_forward_and_as_exact(report: Report) -> None:
    exact = row(report.paper, "torch f32")
    assert exact.processor_ratio > 1.33
    assert exact.moved_px < 0.01
    assert exact.apart == 0


def test_openvino_is_at_least_twice_as_fast_and_as_exact(report: Report) -> None:
    exact = row(report.paper, "openvino f32")
    assert exact.processor_ratio >= 2.1
    assert exact.moved_px < 0.01
    assert exact.apart == 0


def test_sixteen_bits_are_at_least_five_times_as_fast(report: Report) -> None:
    assert row(report.paper, "openvino bf16").processor_ratio >= 5


def test_image_of_a_batch_takes_no_longer_than_a_single_one(report: Report) -> None:
    assert report.batch_ratio <= 1.1


def test_reduced_precision_moves_the_shipped_networks_landmarks_little(report: Report) -> None:
    short = row(report.shipped, "openvino bf16")
    assert short.moved_px <= 0.25
    assert short.apart == 0


def test_shipped_network_answers_in_a_fifth_of_the_papers_time(report: Report) -> None:
    assert report.file.processor_ratio >= 5


@pytest.mark.skipif(find_spec("openvino") is None, reason="OpenVINO is not installed")
def test_cold_start_takes_no_longer_than_importing_torch_twice(report: Report) -> None:
    assert report.file.cold_processor_s <= 2 * report.file.import_torch_processor_s
