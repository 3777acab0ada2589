from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from inference.__main__ import main
from inference.network.checkpoint import load_checkpoint
from inference.network.configuration import LITE, SMALL, FusionPlan
from inference.predictor import Predictor
from tests.inference.training.marked_images import write_marked

PLAIN = FusionPlan("plain", width=16)
PATIENCE_S = 300
BRIEF = ("--validation-phantoms", "1", "--test-phantoms", "1", "--workers", "0")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the configuration of the bundled network without attention, at 128 x 64."""
    config = replace(LITE, name="tiny", input_size=(128, 64), fusions=(PLAIN, PLAIN, PLAIN))
    path = tmp_path_factory.mktemp("config") / "tiny.json"
    path.write_text(json.dumps(config.to_dict()))
    return path


def begin(arguments: Sequence[str], *, processes: int = 1) -> subprocess.Popen[bytes]:
    """Start the command in separate processes with one thread each."""
    launcher = [sys.executable]
    if processes > 1:
        launcher += ["-m", "torch.distributed.run", "--standalone"]
        launcher += ["--nproc-per-node", str(processes)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [*launcher, "-m", "inference", "train", *arguments], env=environment, stderr=subprocess.PIPE
    )


def rows(folder: Path) -> list[dict[str, str]]:
    """Return the rows of the log."""
    with (folder / "log.csv").open() as file:
        return list(csv.DictReader(file))


def tensors(folder: Path, name: str = "last.safetensors") -> dict[str, Tensor]:
    return load_checkpoint(folder / name).network.state_dict()


@pytest.mark.slow
def test_small_training_runs_from_data_to_model_card(tiny: Path, tmp_path: Path) -> None:
    data = write_marked(tmp_path / "export", range(3_000_000, 3_000_004))
    out = tmp_path / "out"
    arguments = ["--data", "phantom:3", "--data", f"{data}:1", "--config", str(tiny)]
    arguments += ["--epoch", "4", "--batch", "2", "--epochs", "2", "--log-every", "2"]
    assert main(["train", *arguments, *BRIEF, "--out", str(out)]) == 0
    assert Predictor.load(out / "best.safetensors", runtime="torch").model.name == "tiny"
    log = rows(out)
    assert [row["step"] for row in log] == ["1", "2", "3", "4"], "a short run is measured each step"
    assert all(float(row["total"]) > 0 and float(row["validation_px"]) > 0 for row in log)
    card = (out / "MODEL_CARD.md").read_text()
    checksum = load_checkpoint(out / "best.safetensors").checksum
    assert checksum in card
    assert "phantoms and 2 marked images" in card
    assert "Split by image (the data do not identify patients)" in card
    assert "## Accuracy on the test part of the marked images" in card
    assert "## Accuracy on phantoms" in card
    assert (out / "log.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_killed_training_continues_to_the_weights_of_an_uninterrupted_one(
    tiny: Path, tmp_path: Path
) -> None:
    """The process is killed after its first saved state; the number of workers also differs."""
    plan = ["--config", str(tiny), "--steps", "8", "--batch", "2", *BRIEF]
    plan += ["--save-every", "2", "--validate-every", "5", "--log-every", "1"]
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    process = begin([*plan, "--workers", "2", "--out", str(killed)])
    deadline = time.monotonic() + PATIENCE_S
    while not (killed / "state.pt").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert torch.load(killed / "state.pt", weights_only=True)["step"] < 8
    assert not (killed / "MODEL_CARD.md").exists()
    assert main(["train", *plan, "--out", str(killed)]) == 0
    assert main(["train", *plan, "--out", str(whole)]) == 0
    for name in ("last.safetensors", "best.safetensors"):
        one, other = tensors(killed, name), tensors(whole, name)
        assert all(torch.equal(one[key], other[key]) for key in one), name
    logs = [[{**row, "minutes": ""} for row in rows(folder)] for folder in (killed, whole)]
    assert logs[0] == logs[1]


@pytest.mark.slow
def test_frequency_of_validation_does_not_change_the_weights(tiny: Path, tmp_path: Path) -> None:
    plan = ["--config", str(tiny), "--steps", "4", "--batch", "2", "--log-every", "1", *BRIEF]
    often, seldom = tmp_path / "often", tmp_path / "seldom"
    for folder, every in ((often, "1"), (seldom, "4")):
        arguments = [*plan, "--validate-every", every, "--out", str(folder)]
        assert main(["train", *arguments]) == 0
    one, other = (folder / "last.safetensors" for folder in (often, seldom))
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.slow
def test_two_processes_train_like_one(tmp_path: Path) -> None:
    """Normalisation covers the whole batch of 4, in 32 bits.

    Losses are compared instead of weights, because Adam turns a gradient that is zero except for
    rounding into a full step.
    """
    config = replace(SMALL, input_size=(128, 64), fusions=(PLAIN, PLAIN, PLAIN))
    (tmp_path / "config.json").write_text(json.dumps(config.to_dict()))
    plan = ["--config", str(tmp_path / "config.json"), "--recipe", "averaged", "--steps", "3"]
    plan += ["--precision", "f32", "--batch", "4", "--rate", "0.01", "--log-every", "1", *BRIEF]
    process = begin([*plan, "--out", str(tmp_path / "two")], processes=2)
    _, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, errors.decode()
    assert main(["train", *plan, "--out", str(tmp_path / "one")]) == 0
    one, two = rows(tmp_path / "one"), rows(tmp_path / "two")
    for name in ("hm", "reg", "wh", "validation_px"):
        values = ([float(row[name]) for row in log if row[name]] for log in (one, two))
        assert next(values) == pytest.approx(next(values), rel=2e-3), name


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seed", "-1"], "--seed: -1 is less than 0"),
        (
            ["--start", "a.safetensors", "--size", "256x128"],
            "defines configuration, size and encoder",
        ),
        (["--batch", "0"], "--batch: 0 is less than 1"),
        (["--threads", "0"], "--threads: 0 is less than 1"),
        (["--workers", "-1"], "--workers: -1 is less than 0"),
        (["--rate", "-1"], "--rate: -1 is not greater than 0"),
        (["--size", "abc"], "--size: abc is not a size. Expected HEIGHTxWIDTH"),
        (["--out", __file__], "is a file. Name a folder"),
    ],
)
def test_invalid_options_are_rejected(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["train", *arguments])
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "absent.csv"], "absent.csv: the file does not exist"),
        (["--config", "absent"], "absent is neither a file nor one of vertenet"),
        (["--config", "vertenet", "--encoder", "imagenet"], "are not available as a package"),
        (["--start", "absent.safetensors"], "absent.safetensors: cannot be read"),
        (["--size", "256x128"], "multiples of 256"),
    ],
)
def test_unusable_input_gives_a_message(arguments: list[str], message: str) -> None:
    with pytest.raises(SystemExit, match=message):
        main(["train", *arguments])
