"""Every runtime compared with the unoptimised forward pass of the same weights."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.decoding.vertebrae import decode_ranked, strongest_peaks
from inference.network.checkpoint import load_checkpoint, save_checkpoint
from inference.network.configuration import LITE, VERTENET, Config
from inference.network.vertenet.network import build, input_tensor
from inference.network.weights_header import CheckpointError, WeightsHeader, read_header
from inference.runtime import graph, selection
from inference.runtime.selection import open_session, usable_threads
from inference.runtime.session import RuntimeUnavailable, Session
from tests.inference.runtime.networks import build_calibrated, random_grey

needs_openvino = pytest.mark.skipif(
    find_spec("openvino") is None, reason="OpenVINO is not installed"
)
RUNTIMES = ["torch", pytest.param("openvino", marks=needs_openvino)]
SMALL = Config(**{**{f: getattr(LITE, f) for f in LITE.__slots__}, "input_size": (256, 256)})
POINTS = Config(
    "points",
    "tf_efficientnet_lite0",
    (256, 256),
    LITE.fusions,
    heads=VERTENET.heads,
)
"""A small network with the heads of the paper, which are evaluated at peaks."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def use_shared_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERTEREAD_CACHE", str(cache))
    monkeypatch.delenv("VERTEREAD_RUNTIME", raising=False)


def with_networks(*marks: pytest.MarkDecorator) -> pytest.MarkDecorator:
    """Run a test with both networks, and with these marks for the one of all bodies.

    The bundled network, which is of that kind, has its own tests.
    """
    networks = [
        pytest.param(SMALL, id="all bodies", marks=marks),
        # The paper's network takes seconds to compile.
        pytest.param(POINTS, id="six by rank", marks=pytest.mark.slow),
    ]
    return pytest.mark.parametrize("header", networks, indirect=True, scope="module")


both_networks = with_networks()
both_when_slow = with_networks(pytest.mark.slow)


@pytest.fixture(scope="module")
def header(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> WeightsHeader:
    """Return the weights of one of both networks, or of the one of six bodies."""
    path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
    save_checkpoint(path, build_calibrated(getattr(request, "param", POINTS)), {})
    return read_header(path)


@pytest.fixture(scope="module")
def literal(header: WeightsHeader) -> dict[str, np.ndarray]:
    network = load_checkpoint(header.path).network
    with torch.inference_mode():
        result = network(input_tensor(header.config, torch.from_numpy(random_grey(header))[None]))
    return {name: value[0].numpy() for name, value in result.items()}


def largest_error(
    session: Session, header: WeightsHeader, expected: dict[str, np.ndarray]
) -> float:
    """Return the largest difference from the literal results, relative to the largest value."""
    result = session.infer(random_grey(header))
    assert result.keys() == expected.keys()
    rows, columns = strongest_peaks(result["hm"][0])
    worst = []
    for name, values in result.items():
        dense = not np.isnan(values).any()
        assert dense or (header.config.marks == "named" and name in {"reg", "wh"})
        at = (...,) if dense else (slice(None), rows, columns)
        worst.append(np.abs(values[at] - expected[name][at]).max() / np.abs(expected[name]).max())
    return float(max(worst))


@both_networks
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_exact_runtime_equals_the_literal_network(
    runtime: str, header: WeightsHeader, literal: dict[str, np.ndarray]
) -> None:
    session = open_session(header, threads=1, runtime=runtime)
    assert session.runtime.startswith(runtime)
    assert largest_error(session, header, literal) < 1e-4


@both_when_slow
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_second_image_does_not_change_the_first_result(runtime: str, header: WeightsHeader) -> None:
    session = open_session(header, threads=1, runtime=runtime)
    first = session.infer(random_grey(header))
    before = {name: value.copy() for name, value in first.items()}
    session.infer(1 - random_grey(header))
    assert all(np.array_equal(first[name], before[name], equal_nan=True) for name in before)
    again = session.infer(random_grey(header))
    assert all(np.array_equal(again[name], before[name], equal_nan=True) for name in before)


@both_when_slow
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_reduced_precision_correlates_with_the_literal_network(
    runtime: str, header: WeightsHeader, literal: dict[str, np.ndarray]
) -> None:
    try:
        session = open_session(header, threads=1, runtime=runtime, precision="bf16")
    except RuntimeUnavailable as reason:
        pytest.skip(str(reason))
    heat, expected = session.infer(random_grey(header))["hm"], literal["hm"]
    assert not np.array_equal(heat, expected)
    assert np.corrcoef(heat.ravel(), expected.ravel())[0, 1] > 0.9


@both_when_slow
@needs_openvino
def test_cached_network_is_loaded_without_torch(header: WeightsHeader) -> None:
    open_session(header, threads=1, runtime="openvino")
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from inference.runtime.selection import open_session\n"
        "from inference.network.weights_header import read_header\n"
        "open_session(read_header(Path(sys.argv[1])), threads=1, runtime='openvino')\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, str(header.path)], check=True)


@both_when_slow
@needs_openvino
def test_signals_are_handled_after_overlapping_sessions_are_closed(header: WeightsHeader) -> None:
    program = (
        "import gc, signal, sys\nfrom pathlib import Path\n"
        "from inference.runtime.selection import open_session\n"
        "from inference.network.weights_header import read_header\n"
        "header = read_header(Path(sys.argv[1]))\n"
        "one = open_session(header, threads=1, runtime='openvino')\n"
        "other = open_session(header, threads=1, runtime='openvino')\n"
        "del one\ngc.collect()\ndel other\ngc.collect()\n"
        "signal.signal(signal.SIGUSR1, lambda *_: print('handled'))\n"
        "signal.raise_signal(signal.SIGUSR1)"
    )
    command = [sys.executable, "-c", program, str(header.path)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (0, "handled\n"), result.stderr


@both_when_slow
@needs_openvino
def test_damaged_cached_network_is_compiled_again(
    header: WeightsHeader, literal: dict[str, np.ndarray], cache: Path
) -> None:
    open_session(header, threads=1, runtime="openvino")
    for blob in cache.glob("*/trunk.blob"):
        blob.write_bytes(b"not a network")
    session = open_session(header, threads=1, runtime="openvino")
    assert largest_error(session, header, literal) < 1e-4


@needs_openvino
def test_openvino_sends_no_telemetry() -> None:
    graph.import_openvino()
    conversion = import_module("openvino.tools.ovc.convert_impl")
    assert conversion.tm.__name__ == "openvino.tools.ovc.telemetry_stub"
    with pytest.raises(ImportError):
        import_module("openvino_telemetry")


@both_when_slow
def test_torch_is_used_where_openvino_cannot_be_imported(
    header: WeightsHeader, literal: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(graph, "import_module", missing)
    session = open_session(header, threads=1)
    assert session.runtime.startswith("torch")
    assert largest_error(session, header, literal) < 1e-4
    with pytest.raises(RuntimeUnavailable, match="cannot be used"):
        open_session(header, threads=1, runtime="openvino")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_file_replaced_after_its_header_was_read_is_rejected(runtime: str, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_checkpoint(path, build(SMALL), {"version": "first"})
    header = read_header(path)
    save_checkpoint(path, build(SMALL), {"version": "second"})
    with pytest.raises(CheckpointError, match="was replaced"):
        open_session(header, threads=1, runtime=runtime)


def test_unknown_runtime_in_the_environment_is_rejected(
    header: WeightsHeader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERTEREAD_RUNTIME", "abacus")
    with pytest.raises(RuntimeUnavailable, match="abacus"):
        open_session(header)


def test_image_of_another_size_is_rejected(header: WeightsHeader) -> None:
    session = open_session(header, threads=1, runtime="torch")
    with pytest.raises(ValueError, match="expected an image"):
        session.infer(np.zeros((10, 10), dtype=np.float32))


def test_image_without_peaks_gives_no_bodies() -> None:
    maps = {"hm": np.zeros((1, 8, 8), dtype=np.float32)}
    assert decode_ranked(maps) == []


def test_threads_are_those_that_the_environment_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert usable_threads() == 3
    assert usable_threads(processes=2) == 3
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert usable_threads() >= 1


def test_concurrent_processes_share_the_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(8)))
    monkeypatch.setattr("pathlib.Path.read_text", lambda path: "max 100000")
    assert [usable_threads(processes=n) for n in (1, 3, 8, 20)] == [8, 2, 1, 1]
    monkeypatch.setattr("pathlib.Path.read_text", lambda path: "350000 100000")
    assert [usable_threads(processes=n) for n in (1, 2)] == [4, 2]


@pytest.mark.parametrize("available", [True, False])
def test_gpu_is_used_unless_another_runtime_is_requested(
    available: bool, header: WeightsHeader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a GPU, only the selection can be tested, not the results."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: available)
    monkeypatch.setattr(selection, "_open_torch", lambda *_: "torch")
    monkeypatch.setattr(selection, "open_openvino", lambda *_, **__: "openvino")
    assert open_session(header) == ("torch" if available else "openvino")
    assert open_session(header, runtime="openvino") == "openvino"


def test_torch_is_not_loaded_to_find_out_that_there_is_no_gpu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.setattr(selection, "GPU_DEVICES", (Path("/dev/none"),))
    assert not selection._has_gpu()
    assert "torch" not in sys.modules
