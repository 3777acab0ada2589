from __future__ import annotations

from pathlib import Path

import pytest
import torch

from inference.cli.convert import main
from inference.network.checkpoint import save_authors_checkpoint, save_checkpoint
from inference.network.configuration import LITE, VERTENET
from inference.network.vertenet.network import build
from inference.network.weights_header import read_header


def test_authors_checkpoint_comes_back_the_same(
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


def test_network_that_is_not_the_papers_is_refused_in_one_line(tmp_path: Path) -> None:
    ours = tmp_path / "lite.safetensors"
    save_checkpoint(ours, build(LITE), {})
    with pytest.raises(SystemExit, match="no form that the authors' code could load"):
        main([str(ours), str(tmp_path / "lite.pth")])


def test_nothing_is_written_over_and_the_two_forms_must_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "there.safetensors"
    there.write_text("")
    for target in (there, tmp_path / "other.pth"):
        with pytest.raises(SystemExit):
            main([str(tmp_path / "a.pth"), str(target)])
    with pytest.raises(SystemExit):
        main([str(tmp_path / "a.pth"), str(tmp_path / "b.pth")])
    said = capsys.readouterr().err
    assert "is there already" in said
    assert "must end in .safetensors" in said


def test_ours_is_thinned_to_eight_bits_and_keeps_what_its_header_says(tmp_path: Path) -> None:
    whole, thin = tmp_path / "whole.safetensors", tmp_path / "thin.safetensors"
    save_checkpoint(whole, build(LITE), {"licence": "Apache-2.0"})
    assert main([str(whole), str(thin), "--bits", "8"]) == 0
    assert thin.stat().st_size < 0.3 * whole.stat().st_size
    about = read_header(thin).about
    assert about["licence"] == "Apache-2.0"
    assert about["source_sha256"] == read_header(whole).checksum
    with pytest.raises(SystemExit):
        main([str(whole), str(tmp_path / "lite.pth"), "--bits", "8"])


def test_epoch_of_our_training_is_counted_from_its_steps(tmp_path: Path) -> None:
    """150 steps of 4 examples, 100 of which make an epoch."""
    ours, authors = tmp_path / "own.safetensors", tmp_path / "own.pth"
    about = {"step": 150, "epoch": 100, "recipe": {"batch": 4}}
    save_checkpoint(ours, build(VERTENET), about)
    assert main([str(ours), str(authors)]) == 0
    assert torch.load(authors, weights_only=True)["epoch"] == 6
