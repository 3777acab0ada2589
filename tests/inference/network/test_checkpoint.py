from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import torch

from inference.network.authors_names import from_authors_name, to_authors_name
from inference.network.checkpoint import (
    CheckpointError,
    load,
    load_checkpoint,
    save_authors_checkpoint,
    save_checkpoint,
)
from inference.network.configuration import LITE, SMALL, VERTENET, Config
from inference.network.vertenet.network import VerteNet, build

# Of the 1,062 tensor names of the authors' checkpoint, sorted and joined by newlines.
NAMES_SHA256 = "88536dfac2a193c205718bda242e4159e1145900a9e524f7cf367aa4a63124bf"


@pytest.fixture(scope="module")
def paper() -> VerteNet:
    torch.manual_seed(1)
    return build(VERTENET)


@pytest.fixture(scope="module")
def lite() -> VerteNet:
    torch.manual_seed(2)
    return build(LITE)


def test_names_are_those_of_the_authors_checkpoint(paper: VerteNet) -> None:
    names = sorted(to_authors_name(name) for name in paper.state_dict())
    assert len(names) == 1062
    assert hashlib.sha256("\n".join(names).encode()).hexdigest() == NAMES_SHA256
    assert all(from_authors_name(to_authors_name(name)) == name for name in paper.state_dict())


# The form without a prefix also makes the round trip of tests/inference/cli/test_convert.py.
@pytest.mark.parametrize("prefix", [pytest.param("", marks=pytest.mark.slow), "module."])
def test_authors_checkpoint_is_read_back_unchanged(
    paper: VerteNet, tmp_path: Path, prefix: str
) -> None:
    path = tmp_path / "model.pth"
    save_authors_checkpoint(path, paper, epoch=49)
    content = torch.load(path, weights_only=True)
    state = {prefix + name: tensor for name, tensor in content["state_dict"].items()}
    torch.save({**content, "state_dict": state}, path)
    again = load(path)
    assert not again.training
    for name, tensor in paper.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor), name


def test_file_that_does_not_match_is_rejected_with_the_tensor_names(
    paper: VerteNet, tmp_path: Path
) -> None:
    state = {to_authors_name(name): tensor for name, tensor in paper.state_dict().items()}
    del state["dec_net.hm.2.bias"]
    state["dec_net.hm.2.extra"] = torch.zeros(1)
    state["dec_net.wh.2.bias"] = torch.zeros(9)
    torch.save({"epoch": 1, "state_dict": state}, tmp_path / "odd.pth")
    with pytest.raises(CheckpointError) as raised:
        load(tmp_path / "odd.pth")
    text = str(raised.value)
    assert "missing: dec_net.hm.2.bias" in text
    assert "extra: dec_net.hm.2.extra" in text
    assert "dec_net.wh.2.bias is (9,), not (8,)" in text


class _Malicious:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.write_text, (Path("code-was-run"), "x"))


def test_file_with_code_is_rejected_without_running_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": _Malicious()}, tmp_path / "trap.pth")
    with pytest.raises(CheckpointError):
        load(tmp_path / "trap.pth")
    assert not (tmp_path / "code-was-run").exists()


def test_safetensors_contain_configuration_and_metadata(lite: VerteNet, tmp_path: Path) -> None:
    path = tmp_path / "lite.safetensors"
    save_checkpoint(path, lite, {"trained_on": "nothing"})
    again = load_checkpoint(path)
    assert again.config == LITE
    assert again.about == {"trained_on": "nothing"}
    assert again.checksum == hashlib.sha256(path.read_bytes()).hexdigest()
    for name, tensor in lite.state_dict().items():
        assert torch.equal(again.network.state_dict()[name], tensor), name


def test_half_precision_file_stays_below_nine_megabytes(lite: VerteNet, tmp_path: Path) -> None:
    path = tmp_path / "half.safetensors"
    save_checkpoint(path, lite, {}, bits=16)
    assert path.stat().st_size <= 9_000_000
    assert load(path).state_dict()["fuse4.up.0.weight"].dtype == torch.float32


def test_missing_and_foreign_files_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be read"):
        load(tmp_path / "absent.safetensors")
    (tmp_path / "text.safetensors").write_text("no tensors here")
    with pytest.raises(CheckpointError, match="not a safetensors file"):
        load(tmp_path / "text.safetensors")


@pytest.mark.parametrize("config", [LITE, VERTENET], ids=lambda config: config.name)
def test_configuration_is_unchanged_after_json(config: Config) -> None:
    assert Config.from_dict(config.to_dict()) == config


def test_equal_weights_give_equal_bytes_with_usual_file_permissions(tmp_path: Path) -> None:
    network, about = build(SMALL), {"b": 1, "a": 2, "trained_on": "nothing"}
    paths = [tmp_path / f"{number}.safetensors" for number in range(4)]
    for path in paths:
        save_checkpoint(path, network, about)
    assert len({path.read_bytes() for path in paths}) == 1
    (tmp_path / "plain").write_bytes(b"")
    assert paths[0].stat().st_mode == (tmp_path / "plain").stat().st_mode
