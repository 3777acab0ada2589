from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tools.setup import packages, steps
from tools.setup.__main__ import check_port
from tools.setup.__main__ import main as setup
from tools.setup.packages import DEMO, DEVELOP
from tools.setup.steps import SetupError


def test_second_setup_does_nothing(commands: list[list[str]]) -> None:
    packages.install_packages(DEMO)
    assert "--require-hashes" in commands[-1]
    done = len(commands)
    packages.install_packages(DEMO)
    assert len(commands) == done


def test_demonstration_needs_no_installation_after_development(
    commands: list[list[str]],
) -> None:
    packages.install_packages(DEVELOP)
    done = len(commands)
    packages.install_packages(DEMO)
    assert len(commands) == done


def test_development_adds_to_the_demonstration(commands: list[list[str]]) -> None:
    packages.install_packages(DEMO)
    packages.install_packages(DEVELOP)
    assert [Path(command[-1]).name for command in commands[1:]] == [
        "requirements-local.txt",
        "requirements-dev.txt",
    ]


def test_changed_lock_is_installed(checkout: Path, commands: list[list[str]]) -> None:
    packages.install_packages(DEVELOP)
    done = len(commands)
    (checkout / "requirements-dev.txt").write_text("django==5.2.18\n")
    packages.install_packages(DEVELOP)
    assert len(commands) == done + 1


def test_unfinished_environment_is_created_again(checkout: Path, commands: list[list[str]]) -> None:
    packages.install_packages(DEVELOP)
    remains = checkout / ".venv" / "remains"
    remains.touch()
    (checkout / ".venv" / "verteread-unfinished").touch()
    packages.install_packages(DEVELOP)
    assert not remains.exists()
    assert not (checkout / ".venv" / "verteread-unfinished").exists()


def test_environment_of_another_python_is_created_again(
    checkout: Path, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    packages.install_packages(DEVELOP)
    remains = checkout / ".venv" / "remains"
    remains.touch()
    monkeypatch.setattr(packages, "is_same_python", lambda python: False)
    monkeypatch.setattr(sys, "version", "3.13.0 (another)")
    packages.install_packages(DEVELOP)
    assert not remains.exists()


def test_full_disk_is_reported_before_anything_is_downloaded(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 10 * 2**20})
    monkeypatch.setattr(steps.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(steps.SetupError, match="Free some space"):
        packages.install_packages(DEVELOP)
    assert commands == []


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_unsupported_python_is_reported(
    version: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (*version, 1))
    with pytest.raises(
        steps.SetupError, match=r"Python 3.11, 3.12 or 3.13 is required, but this is 3"
    ):
        packages.check_python()


def test_missing_venv_module_names_the_package_of_this_python(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packages, "find_spec", lambda name: None)
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    with pytest.raises(steps.SetupError, match=r"apt-get install python3\.12-venv"):
        packages.check_python()


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full; free some space"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "a package differs"),
        ("an unknown error", "an unknown error"),
    ],
)
def test_failed_step_is_reported_in_one_line(checkout: Path, output: str, advice: str) -> None:
    command = [sys.executable, "-c", f"raise SystemExit({output!r})"]
    with pytest.raises(steps.SetupError, match=f"It failed: {advice}") as failure:
        steps.run(command, "It failed")
    assert "\n" not in str(failure.value)


def test_makefile_says_that_python_is_missing() -> None:
    checkout = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        ["make", "-s", "python-found", "PYTHON="],
        cwd=checkout,
        env=os.environ | {"MAKEFLAGS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stderr.startswith("VerteRead: Python 3.11, 3.12 or 3.13 is missing")


def test_invalid_port_is_rejected_before_anything_is_installed(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VERTEREAD_PORT", "eighty")
    assert setup(["demo"]) == 1
    assert "VERTEREAD_PORT must be a port number" in capsys.readouterr().err
    assert commands == []


def test_port_in_use_is_rejected_before_the_first_installation(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.setup.__main__.VENV", checkout / ".venv")
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        environment = {"VERTEREAD_PORT": str(stranger.getsockname()[1])}
        with pytest.raises(SetupError, match="Another program uses port"):
            check_port(environment)
        (checkout / ".venv").mkdir()
        check_port(environment)


def test_setup_of_the_images_needs_no_part_of_the_launcher() -> None:
    # The images are built without tools/local.
    code = "import sys; sys.modules['tools.local'] = None; import tools.setup.__main__"
    subprocess.run([sys.executable, "-c", code], cwd=steps.CHECKOUT, check=True, timeout=60)
