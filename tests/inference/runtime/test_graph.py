"""Bundled graphs compared with the code of the network, and inference without torch."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.network.checkpoint import save_authors_checkpoint, save_checkpoint
from inference.network.configuration import LITE, SMALL, VERTENET, Config
from inference.network.vertenet.network import build
from inference.network.weights_header import CheckpointError, WeightsHeader, read_header
from inference.predictor import SHIPPED_WEIGHTS
from inference.runtime import graph, openvino_backend
from inference.runtime.graph_conversion import make_graph
from inference.runtime.selection import open_session
from tests.inference.runtime.networks import build_calibrated, random_grey

WITHOUT_TORCH = """
import sys
class WithoutTorch:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, path=None, target=None):
        without = name.partition(".")[0] == "torch"
        return None if without else self.finder.find_spec(name, path, target)
sys.meta_path[:] = map(WithoutTorch, sys.meta_path)
"""

COMMAND_LINE = "from inference.__main__ import main\nsys.exit(main(sys.argv[1:]))\n"


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERTEREAD_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("VERTEREAD_RUNTIME", raising=False)


def assert_runtimes_agree(header: WeightsHeader) -> None:
    results = [
        open_session(header, threads=1, runtime=runtime).infer(random_grey(header))
        for runtime in ("openvino", "torch")
    ]
    for name, expected in results[1].items():
        assert np.abs(results[0][name] - expected).max() < 1e-4 * np.abs(expected).max(), name


def read_header_text(path: Path) -> dict[str, str]:
    content = path.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    metadata: dict[str, str] = header["__metadata__"]
    return metadata


def run_without_torch(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT_TORCH + program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("config", [LITE, VERTENET], ids=lambda config: config.name)
def test_bundled_graph_has_every_tensor_of_the_network(config: Config) -> None:
    core = graph.import_openvino().Core()
    shipped = graph.read_graph(core, config)
    assert shipped is not None
    state = build(config).state_dict()
    assert shipped.shapes == {name: tuple(tensor.shape) for name, tensor in state.items()}


def test_bundled_graph_gives_the_results_of_torch(tmp_path: Path) -> None:
    """If this fails, regenerate the graphs: `python -m inference.runtime.graph_conversion`."""
    path = tmp_path / "weights.safetensors"
    save_checkpoint(path, build_calibrated(LITE), {})
    header = read_header(path)
    assert_runtimes_agree(header)


def test_bundled_graph_locates_corners_as_torch_does(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_checkpoint(path, build_calibrated(LITE), {})
    header = read_header(path)
    patches = np.random.default_rng(0).normal(0, 0.5, (3, 96, 96)).astype(np.float32)
    results = [
        open_session(header, threads=1, runtime=runtime).refine(patches)
        for runtime in ("openvino", "torch")
    ]
    assert results[0].shape == (3, 4, 48, 48)
    assert np.abs(results[0] - results[1]).max() < 1e-4 * np.abs(results[1]).max()


def test_weights_of_earlier_versions_use_the_bundled_graph_without_the_second_stage(
    tmp_path: Path,
) -> None:
    path = tmp_path / "weights.safetensors"
    earlier = replace(LITE, refiner=None)
    save_checkpoint(path, build_calibrated(earlier), {})
    assert "refiner" not in json.loads(read_header_text(path)["config"])
    shipped = graph.read_graph(graph.import_openvino().Core(), earlier)
    assert shipped is not None
    assert "refiner" not in shipped.models
    assert shipped.shapes == {
        name: tuple(tensor.shape) for name, tensor in build(earlier).state_dict().items()
    }
    header = read_header(path)
    assert_runtimes_agree(header)


@pytest.mark.parametrize("runtime", ["openvino", "torch"])
def test_network_without_second_stage_says_so(tmp_path: Path, runtime: str) -> None:
    path = tmp_path / "weights.safetensors"
    save_checkpoint(path, build_calibrated(replace(LITE, refiner=None)), {})
    session = open_session(read_header(path), threads=1, runtime=runtime)
    with pytest.raises(ValueError, match="no second stage"):
        session.refine(np.zeros((1, 96, 96), np.float32))


@pytest.mark.slow
def test_regenerated_graph_has_the_same_operations() -> None:
    """The graph of the paper's network is too slow to compare its results here."""
    openvino = graph.import_openvino()
    shipped = graph.read_graph(openvino.Core(), VERTENET)
    assert shipped is not None
    current = make_graph(openvino, VERTENET)
    for part, model in current.models.items():
        operations = [
            [(node.get_type_name(), str(node.output(0).partial_shape)) for node in ordered]
            for ordered in (
                [node for node in version.get_ordered_ops() if node.get_output_size()]
                for version in (model, shipped.models[part])
            )
        ]
        assert sorted(operations[0]) == sorted(operations[1])


def test_bundled_weights_find_six_vertebrae_without_torch(tmp_path: Path) -> None:
    result = run_without_torch(
        COMMAND_LINE,
        *("phantom", "--count", "1", "--seed", "8100006", "--out", str(tmp_path)),
    )
    assert result.returncode == 0, result.stderr
    (scan,) = tmp_path.glob("*.dcm")
    result = run_without_torch(COMMAND_LINE, "predict", "--json", str(scan))
    assert result.returncode == 0, result.stderr
    for level in ("T12", "L1", "L2", "L3", "L4", "L5"):
        assert f'"{level}"' in result.stdout


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        ("authors", "is a checkpoint of the VerteNet authors, which needs torch: install torch"),
        (
            "other",
            "no bundled graph of the configuration other, which needs torch: install torch",
        ),
    ],
)
def test_weights_that_need_torch_raise_an_error_that_says_so(
    tmp_path: Path, make: str, sentence: str
) -> None:
    if make == "authors":
        path = tmp_path / "weights.pth"
        torch.save({"epoch": 0, "state_dict": {}}, path)
    else:
        path = tmp_path / "weights.safetensors"
        other = Config(**{**{f: getattr(LITE, f) for f in LITE.__slots__}, "name": "other"})
        save_checkpoint(path, build(other), {})
    result = run_without_torch(
        "from pathlib import Path\n"
        "from inference.predictor import Predictor\n"
        "from inference.runtime.session import RuntimeUnavailable\n"
        "try:\n    Predictor.load(Path(sys.argv[1]))\n"
        "except RuntimeUnavailable as reason:\n    print(reason)\n",
        str(path),
    )
    assert result.returncode == 0, result.stderr
    assert sentence in result.stdout


@pytest.mark.parametrize(
    "command", [("train",), ("convert", "a.pth", "b.safetensors"), ("bench",), ("ablate",)]
)
def test_command_that_needs_torch_reports_it_in_one_line(command: tuple[str, ...]) -> None:
    result = run_without_torch(COMMAND_LINE, *command)
    assert result.returncode == 1
    assert result.stderr.startswith(f"python -m inference {command[0]} needs torch: install torch")
    assert result.stderr.count("\n") == 1


def test_requesting_the_torch_runtime_without_torch_is_an_error() -> None:
    result = run_without_torch(
        "from inference.predictor import Predictor\n"
        "from inference.runtime.session import RuntimeUnavailable\n"
        "try:\n    Predictor.load(runtime='torch')\n"
        "except RuntimeUnavailable as reason:\n    print(reason)\n"
    )
    assert "needs torch: install torch" in result.stdout, result.stderr


def test_cache_key_is_computed_from_existing_source_files() -> None:
    digests = {openvino_backend._source_digest(config) for config in (LITE, VERTENET, SMALL)}
    assert len(digests) == 3


def test_weights_of_another_network_are_rejected_without_torch(tmp_path: Path) -> None:
    network = build(LITE)
    path = tmp_path / "weights.safetensors"
    save_checkpoint(path, network, {})
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"encoder.bn1.bias"', b'"encoder.bn1.bios"'))
    with pytest.raises(
        CheckpointError, match=r"missing: encoder.bn1.bias; extra: encoder.bn1.bios"
    ):
        open_session(read_header(path), threads=1, runtime="openvino")


@pytest.mark.slow
def test_authors_checkpoint_and_its_safetensors_give_equal_results(tmp_path: Path) -> None:
    network = build_calibrated(VERTENET)
    save_authors_checkpoint(tmp_path / "a.pth", network)
    save_checkpoint(tmp_path / "b.safetensors", network, {})
    headers = [read_header(tmp_path / name) for name in ("a.pth", "b.safetensors")]
    first, second = (
        open_session(header, threads=2, runtime="openvino").infer(random_grey(headers[0]))
        for header in headers
    )
    assert all(np.array_equal(first[name], second[name], equal_nan=True) for name in first)


def test_bundled_weights_match_the_bundled_graph() -> None:
    assert read_header(SHIPPED_WEIGHTS).config == LITE
    assert graph.shipped_path(LITE).is_file()
