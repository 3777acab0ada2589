from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from inference.__main__ import main
from inference.decoding.shape_correction.correction import read_correction
from inference.network.checkpoint import save_checkpoint
from inference.network.configuration import LITE
from tests.inference.runtime.networks import build_calibrated


def test_constants_and_errors_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Few phantoms: only the files and their form are tested, not the figures."""
    options = ["--out", str(tmp_path / "fit"), "--threads", "1"]
    assert main(["correction", *options, "--fit", "6", "--test", "2"]) == 0
    assert "all, 2: " in capsys.readouterr().out
    correction = read_correction(tmp_path / "fit" / "shape_correction.json")
    assert correction.origin["seeds"] == [20_600_000, 20_600_005]
    assert correction.origin["command"].startswith("python -m inference correction --out")
    errors = json.loads((tmp_path / "fit" / "correction.json").read_text())
    assert errors["all"]["images"] == 2
    assert errors["all"]["before"]["mean"] > 0
    fitted = ["--constants", str(tmp_path / "fit" / "shape_correction.json"), "--test", "2"]
    again = tmp_path / "again"
    assert main(["correction", "--out", str(again), "--threads", "1", *fitted]) == 0
    assert [path.name for path in again.iterdir()] == ["correction.json"]
    assert json.loads((again / "correction.json").read_text()) == errors


def test_weights_without_a_second_stage_have_nothing_to_correct(tmp_path: Path) -> None:
    weights = tmp_path / "weights.safetensors"
    save_checkpoint(weights, build_calibrated(replace(LITE, refiner=None)), {})
    with pytest.raises(SystemExit, match="no second stage"):
        main(["correction", "--out", str(tmp_path / "fit"), "--weights", str(weights)])
    assert not (tmp_path / "fit").exists()


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file"), ("[", "Expecting value"), ("{}", "levels")]
)
@pytest.mark.parametrize("command", ["correction", "calibrate"])
def test_unreadable_constants_are_named(
    tmp_path: Path, command: str, content: str | None, reason: str
) -> None:
    constants = tmp_path / "constants.json"
    if content is not None:
        constants.write_text(content)
    options = ["--out", str(tmp_path / "fit"), "--test", "1", "--threads", "1"]
    expected = rf"{constants} cannot be read: .*{reason if command == 'correction' else ''}"
    with pytest.raises(SystemExit, match=expected):
        main([command, *options, "--constants", str(constants)])
