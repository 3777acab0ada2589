from __future__ import annotations

from pathlib import Path

import pytest
import torch

from inference.cli.convert import main
from inference.network.checkpoint import save_authors_checkpoint, save_checkpoint
from inference.network.configuration import LITE, VERTENET
from inference.network.vertenet.network import build
from inference.network.weights_header import read_header


def test_authors_checkpoint_survives_a_round_trip(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(3)
    first, ours, last = (tmp_path / name for name in ("a.pth", "b.safetensors", "c.pth"))
    save_authors_checkpoint(first, build(VERTENET), epoch=49)
    assert main([str(first), str(ours), "--trained-on", "nothing"]) == 0
    assert main([str(ours), str(last)]) == 0
    assert capsys.readouterr().out.count("->") == 2
    assert read_header(ours).about == {
        "epoch": 49,
        "source_sha256": read_header(first).checksum,
        "trained_on": "nothing",
    }
    before, after = (torch.load(path, weights_only=True) for path in (first, last))
    assert before["epoch"] == after["epoch"]
    assert list(before["state_dict"]) == list(after["state_dict"])
    for name, tensor in before["state_dict"].items():
        assert torch.equal(tensor, after["state_dict"][name]), name


def test_network_other_than_the_papers_is_rejected(tmp_path: Path) -> None:
    ours = tmp_path / "lite.safetensors"
    save_checkpoint(ours, build(LITE), {})
    with pytest.raises(SystemExit, match="cannot be written as a checkpoint"):
        main([str(ours), str(tmp_path / "lite.pth")])


def test_existing_files_and_identical_formats_are_rejected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    existing = tmp_path / "existing.safetensors"
    existing.write_text("")
    for target in (existing, tmp_path / "other.pth"):
        with pytest.raises(SystemExit):
            main([str(tmp_path / "a.pth"), str(target)])
    with pytest.raises(SystemExit):
        main([str(tmp_path / "a.pth"), str(tmp_path / "b.pth")])
    errors = capsys.readouterr().err
    assert "already exists" in errors
    assert "must end in .safetensors" in errors


def test_weights_are_reduced_to_eight_bits_with_their_header(tmp_path: Path) -> None:
    full, small = tmp_path / "full.safetensors", tmp_path / "small.safetensors"
    save_checkpoint(full, build(LITE), {"licence": "Apache-2.0"})
    assert main([str(full), str(small), "--bits", "8"]) == 0
    assert small.stat().st_size < 0.3 * full.stat().st_size
    about = read_header(small).about
    assert about["licence"] == "Apache-2.0"
    assert about["source_sha256"] == read_header(full).checksum
    with pytest.raises(SystemExit):
        main([str(full), str(tmp_path / "lite.pth"), "--bits", "8"])


def test_epoch_is_calculated_from_the_steps(tmp_path: Path) -> None:
    """150 steps of 4 examples are 6 epochs of 100 examples."""
    ours, authors = tmp_path / "own.safetensors", tmp_path / "own.pth"
    about = {"step": 150, "epoch": 100, "recipe": {"batch": 4}}
    save_checkpoint(ours, build(VERTENET), about)
    assert main([str(ours), str(authors)]) == 0
    assert torch.load(authors, weights_only=True)["epoch"] == 6
