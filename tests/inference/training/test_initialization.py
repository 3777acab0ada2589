from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from inference.network.checkpoint import load_checkpoint, save_checkpoint
from inference.network.configuration import LITE, SMALL, RefinerPlan, baseline
from inference.network.vertenet.network import VerteNet, build
from inference.network.weights_header import CheckpointError
from inference.training.initialization import (
    add_refiner,
    initialize_encoder,
    initialize_heads,
    replace_infinite_variances,
)

CONFIG = replace(baseline(SMALL, "plain"), input_size=(128, 64))


def run_network(network: VerteNet) -> dict[str, Tensor]:
    torch.manual_seed(1)
    with torch.inference_mode():
        result: dict[str, Tensor] = network.eval()(torch.rand(1, 3, 128, 64) - 0.5)
    return result


def test_encoder_is_read_from_a_file_with_a_classifier(tmp_path: Path) -> None:
    torch.manual_seed(3)
    state = build(CONFIG).encoder.state_dict()
    save_file({**state, "classifier.weight": torch.zeros(3)}, str(tmp_path / "a.safetensors"))
    torch.save({"state_dict": state}, tmp_path / "a.pth")
    for name in ("a.safetensors", "a.pth"):
        network = build(CONFIG)
        assert initialize_encoder(network, str(tmp_path / name)).startswith(f"{name} (SHA-256 ")
        loaded = network.encoder.state_dict()
        assert all(torch.equal(loaded[key], tensor) for key, tensor in state.items())


def test_file_of_another_encoder_is_rejected(tmp_path: Path) -> None:
    torch.save(build(baseline(SMALL, "vld")).encoder.state_dict(), tmp_path / "vld.pth")
    with pytest.raises(CheckpointError, match="does not match tf_efficientnet_lite0"):
        initialize_encoder(build(CONFIG), str(tmp_path / "vld.pth"))


def test_heat_map_starts_near_a_tenth() -> None:
    network = build(CONFIG)
    initialize_heads(network)
    assert 0.05 < float(run_network(network)["hm"].median()) < 0.2


def test_infinite_variances_are_replaced_without_changing_the_results() -> None:
    network = build(CONFIG)
    network.fuse4.up[1].running_var[::2] = torch.inf
    before = run_network(network)
    replace_infinite_variances(network)
    assert all(torch.isfinite(tensor).all() for tensor in network.state_dict().values())
    assert all(torch.equal(before[name], value) for name, value in run_network(network).items())


def test_variance_beyond_float16_is_retained_in_a_16_bit_file(tmp_path: Path) -> None:
    network = build(CONFIG)
    network.fuse4.up[1].running_var[0] = 1e6
    save_checkpoint(tmp_path / "a.safetensors", network, {}, bits=16)
    assert load_checkpoint(tmp_path / "a.safetensors").network.fuse4.up[1].running_var[0] == 1e6


def test_second_stage_is_added_without_a_change_of_the_first() -> None:
    plain = build(replace(LITE, refiner=None, input_size=(256, 256)))
    extended = add_refiner(plain)
    assert extended.config == replace(LITE, input_size=(256, 256))
    state = extended.state_dict()
    assert all(torch.equal(state[name], value) for name, value in plain.state_dict().items())
    assert add_refiner(extended) is extended
    assert extended.config.refiner == RefinerPlan()
