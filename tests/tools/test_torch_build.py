from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tools.setup import torch_build
from tools.setup.packages import DEMO, DEVELOP
from tools.setup.steps import SetupError
from tools.setup.torch_build import install_torch


@pytest.fixture
def python(checkout: Path) -> Path:
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    return python


@pytest.fixture(autouse=True)
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_build, "has_packages", lambda python, *names: False)
    monkeypatch.setattr(torch_build, "_download_cpu_build", lambda python, folder: None)
    monkeypatch.setattr(torch_build, "check_disk", lambda needed_mb: None)
    monkeypatch.setattr(torch_build.sys, "platform", "linux")


@pytest.fixture
def cpu_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pip find a CPU build."""

    def download(python: Path, folder: Path) -> Path:
        wheel = folder / "torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl"
        wheel.write_bytes(b"wheel")
        return wheel

    monkeypatch.setattr(torch_build, "_download_cpu_build", download)


def locks(commands: list[list[str]]) -> list[str]:
    return [Path(command[-1]).name for command in commands]


@pytest.mark.usefixtures("cpu_build")
@pytest.mark.parametrize("level", [DEMO, DEVELOP], ids=["demo", "develop"])
def test_cpu_build_that_pip_finds_is_installed(
    python: Path,
    level: torch_build.Level,
    commands: list[list[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    install_torch(python, level, {})
    assert locks(commands) == [
        "requirements-torch-cpu.txt",
        "torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl",
    ]
    assert "not tested with VerteRead" in capsys.readouterr().out


@pytest.mark.usefixtures("cpu_build", "commands")
def test_tested_cpu_build_is_recognised_by_its_hash(
    python: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {hashlib.sha256(b"wheel").hexdigest(): "this one"}
    monkeypatch.setattr(torch_build, "KNOWN_CPU_BUILDS", known)
    install_torch(python, DEMO, {"VERTEREAD_TORCH": "cpu"})
    assert "the tested build" in capsys.readouterr().out


def test_demo_installs_no_torch_if_only_the_public_build_is_available(
    python: Path,
    commands: list[list[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    install_torch(python, DEMO, {})
    assert commands == []
    output = capsys.readouterr().out
    assert output.count("\n") == 1
    assert "adds the public build (download: 2.7 GB)" in output
    install_torch(python, DEMO, {})
    assert capsys.readouterr().out == ""


def test_development_installs_the_public_build_if_there_is_no_other(
    python: Path,
    commands: list[list[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    install_torch(python, DEVELOP, {})
    assert locks(commands) == ["requirements-torch.txt"]
    assert "2.7 GB" in capsys.readouterr().out


@pytest.mark.usefixtures("cpu_build")
def test_public_build_can_be_selected(python: Path, commands: list[list[str]]) -> None:
    install_torch(python, DEMO, {"VERTEREAD_TORCH": "public"})
    assert locks(commands) == ["requirements-torch.txt"]


@pytest.mark.usefixtures("commands")
@pytest.mark.parametrize(
    ("choice", "level", "sentence"),
    [
        ("cpu", DEMO, "pip finds no CPU build of torch 2.13.0"),
        ("none", DEVELOP, "tests and checks need torch"),
        ("gpu", DEMO, "must be one of auto, cpu, public, none"),
    ],
)
def test_unavailable_selection_is_reported(
    python: Path, choice: str, level: torch_build.Level, sentence: str
) -> None:
    with pytest.raises(SetupError, match=sentence):
        install_torch(python, level, {"VERTEREAD_TORCH": choice})


def test_changed_pip_configuration_is_searched_again(
    python: Path,
    commands: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install_torch(python, DEMO, {})
    searched: list[Path] = []
    monkeypatch.setattr(torch_build, "_download_cpu_build", lambda p, folder: searched.append(p))
    install_torch(python, DEMO, {})
    assert searched == []
    install_torch(python, DEMO, {"PIP_FIND_LINKS": "/somewhere"})
    assert searched == [python]
