from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from studies.local import install


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty clone with a lock of two packages and no viewer."""
    (tmp_path / "requirements-dev.txt").write_text("django==5.2.17 \\\n  --hash=x\ntorch==2.13.0\n")
    monkeypatch.setattr(install, "CLONE", tmp_path)
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(install, "FRONTEND", tmp_path / "frontend")
    monkeypatch.setattr(install, "LOG", tmp_path / "var" / "log" / "install.log")
    monkeypatch.setattr(install, "LOCK", tmp_path / "requirements-dev.txt")
    monkeypatch.setattr(install, "has_packages", lambda python, *names: python.exists())
    (tmp_path / "var" / "log").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def steps(clone: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that the setup runs, none of which does anything but make .venv."""
    ran: list[list[str]] = []

    def pretend(command: list[str], failure: str, *, progress: object = None) -> None:
        ran.append(command)
        python = clone / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()

    monkeypatch.setattr(install, "run", pretend)
    return ran


def test_second_setup_does_nothing(steps: list[list[str]]) -> None:
    install.install_python_packages()
    assert "--require-hashes" in steps[-1]
    done = len(steps)
    install.install_python_packages()
    assert len(steps) == done


def test_changed_lock_is_installed(clone: Path, steps: list[list[str]]) -> None:
    install.install_python_packages()
    done = len(steps)
    (clone / "requirements-dev.txt").write_text("django==5.2.18\n")
    install.install_python_packages()
    assert len(steps) == done + 1


def test_half_finished_environment_is_made_again(clone: Path, steps: list[list[str]]) -> None:
    install.install_python_packages()
    remains = clone / ".venv" / "remains"
    remains.touch()
    (clone / ".venv" / "verteread-installed").unlink()
    (clone / ".venv" / "verteread-unfinished").touch()
    install.install_python_packages()
    assert not remains.exists()
    assert not (clone / ".venv" / "verteread-unfinished").exists()


def test_full_disk_is_said_before_anything_is_fetched(
    steps: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "NEEDED_MB", 10**12)
    with pytest.raises(install.SetupError, match="free some space"):
        install.install_python_packages()
    assert steps == []


def test_viewer_is_built_when_a_source_changed(clone: Path, steps: list[list[str]]) -> None:
    frontend = clone / "frontend"
    for folder in ("src", "node_modules", "dist"):
        (frontend / folder).mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "src/site.ts", "dist/site.js"):
        (frontend / name).write_text("{}")
    install.build_frontend()
    assert [step[:2] for step in steps] == [["npm", "ci"], ["npm", "run"]]
    install.build_frontend()
    assert len(steps) == 2
    (frontend / "src" / "site.ts").write_text("export {}")
    install.build_frontend()
    assert len(steps) == 3


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full: free some space"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "a package differs"),
        ("something unheard of", "something unheard of"),
    ],
)
def test_failure_of_a_step_is_one_line(clone: Path, said: str, advice: str) -> None:
    command = [sys.executable, "-c", f"raise SystemExit({said!r})"]
    with pytest.raises(install.SetupError, match=f"It failed: {advice}") as failure:
        install.run(command, "It failed")
    assert "\n" not in str(failure.value)


def make_program(folder: Path, name: str, says: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {says}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("programs", "sentence"),
    [
        ({}, "Node 20 is missing"),
        ({"node": "v18.19.0"}, "Node v18.19.0 is too old"),
        ({"node": "v20.20.2"}, "npm is missing"),
    ],
)
def test_missing_tool_is_one_line(
    clone: Path, monkeypatch: pytest.MonkeyPatch, programs: dict[str, str], sentence: str
) -> None:
    folder = clone / "bin"
    folder.mkdir()
    for name, says in programs.items():
        make_program(folder, name, says)
    (clone / "frontend").mkdir()
    (clone / "frontend" / "package.json").touch()
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(install.SetupError, match=sentence):
        install.check_tools()


def test_makefile_says_that_python_is_missing() -> None:
    clone = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        ["make", "-s", "setup", "PYTHON="],
        cwd=clone,
        env=os.environ | {"MAKEFLAGS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stderr.startswith("VerteRead: Python 3.11 is missing")
