from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from inference.network.checkpoint import load_checkpoint, save_checkpoint
from inference.network.configuration import LITE
from inference.network.vertenet.int8 import quantize, to_half_precision
from inference.network.vertenet.network import build
from inference.network.weights_header import CheckpointError
from inference.network.weights_tensors import dequantize


def round_trip(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return tensors after quantisation and dequantisation, as when a file is read."""
    stored = {name: tensor.numpy() for name, tensor in quantize(tensors).items()}
    return {name: torch.from_numpy(array) for name, array in dequantize(stored).items()}


def test_weights_are_restored_within_half_a_step_of_their_channel() -> None:
    torch.manual_seed(1)
    weights = torch.randn(40, 30, 3, 3) * torch.rand(40, 1, 1, 1)
    restored = round_trip({"conv.weight": weights})["conv.weight"]
    step = weights.abs().amax((1, 2, 3), keepdim=True) / 127
    assert ((restored - weights).abs() <= step / 2 * 1.001).all()


def test_scale_of_another_shape_is_refused_before_it_is_multiplied() -> None:
    """Broadcasting would turn 6 kB into 9 MB here, and 1 MB into 100 GB."""
    stored = {"w": np.zeros((1, 1500), np.int8), "w.scale": np.ones(1500, np.float32)}
    with pytest.raises(CheckpointError, match=r"w\.scale does not have one value per channel"):
        dequantize(stored)


def test_small_tensors_and_counters_are_not_packed() -> None:
    tensors = {"bias": torch.randn(40), "num_batches_tracked": torch.tensor(3)}
    assert set(quantize(tensors)) == set(tensors)


def test_channel_of_zeros_stays_zero() -> None:
    weights = torch.randn(40, 64)
    weights[3] = 0
    assert (round_trip({"w": weights})["w"][3] == 0).all()


def test_8_bit_file_loads_like_any_other_and_is_smaller(tmp_path: Path) -> None:
    network = build(LITE)
    save_checkpoint(tmp_path / "a.safetensors", network, {"license": "x"}, bits=16)
    save_checkpoint(tmp_path / "b.safetensors", network, {"license": "x"}, bits=8)
    sizes = [(tmp_path / name).stat().st_size for name in ("a.safetensors", "b.safetensors")]
    assert sizes[1] < 0.6 * sizes[0]
    loaded = load_checkpoint(tmp_path / "b.safetensors")
    assert loaded.about == {"license": "x"}
    expected = network.state_dict()
    for name, tensor in loaded.network.state_dict().items():
        assert torch.allclose(tensor.float(), expected[name].float(), atol=0.02), name


def test_value_beyond_float16_is_retained() -> None:
    """An infinite variance would make a channel of a batch norm zero."""
    variance = torch.tensor([1.0, 2e6])
    assert torch.equal(to_half_precision(variance), variance)
    assert torch.equal(round_trip({"running_var": variance})["running_var"], variance)
    assert to_half_precision(torch.tensor([1.0, 2.0])).dtype == torch.float16
