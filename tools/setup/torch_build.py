"""Which build of torch is installed, if any.

The public Linux build of torch brings CUDA and is 2.7 GB to download. A CPU build is a tenth of
that, but package indexes do not offer it under their usual address: pip finds one where its own
configuration points (PIP_FIND_LINKS, PIP_EXTRA_INDEX_URL, pip.conf). The network that ships runs
without torch; training, the tests and the torch runtime need it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tools.setup.packages import DEVELOP, Level, PipProgress, pip
from tools.setup.steps import (
    CLONE,
    SetupError,
    check_disk,
    digest,
    has_packages,
    is_current,
    run,
    say,
)

VERSION = "2.13.0"
CHOICES = ("auto", "cpu", "public", "none")
PUBLIC_LOCK = CLONE / "requirements-torch.txt"
CPU_LOCK = CLONE / "requirements-torch-cpu.txt"
CPU_MB, PUBLIC_MB = 1200, 9000
PUBLIC_GB = "0.1 GB" if sys.platform == "darwin" else "2.7 GB"
KNOWN_CPU_BUILDS = {
    "6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b": "cp311 Linux x86-64",
}
"""SHA-256 of the CPU builds that the tests were run with."""
PIP_SETTINGS = ("PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CONFIG_FILE")


def install_torch(python: Path, level: Level, environment: Mapping[str, str] = os.environ) -> None:
    """Install the build that ``VERTEREAD_TORCH`` names: auto, cpu, public or none.

    ``auto`` takes a CPU build where pip finds one. Elsewhere it takes the public build for
    development, and none to run the platform, which does not need it.

    Raises
    ------
    SetupError
        When the build that was chosen is not to be had.
    """
    choice = environment.get("VERTEREAD_TORCH") or "auto"
    if choice not in CHOICES:
        raise SetupError(f"VERTEREAD_TORCH must be one of {', '.join(CHOICES)}, not {choice!r}.")
    stamp = Path(python).parent.parent / "verteread-torch"
    pip_settings = [environment.get(name, "") for name in PIP_SETTINGS]
    state = digest([PUBLIC_LOCK, CPU_LOCK], extra=" ".join([choice, *pip_settings]))
    present = has_packages(python, "torch")
    if is_current(stamp, f"{state} with") and present:
        return
    if is_current(stamp, f"{state} without") and level is not DEVELOP and not present:
        return
    present = _install(python, level, choice)
    stamp.write_text(f"{state} {'with' if present else 'without'}")


def _install(python: Path, level: Level, choice: str) -> bool:
    """Install what was chosen; return whether torch is there afterwards."""
    if choice == "none":
        if level is DEVELOP:
            raise SetupError(
                "VERTEREAD_TORCH=none: training, tests and checks need torch. `make demo` does not."
            )
        say("torch is not installed (VERTEREAD_TORCH=none): OpenVINO runs the network")
        return has_packages(python, "torch")
    if choice in ("auto", "cpu"):
        with tempfile.TemporaryDirectory(prefix="verteread-torch-") as folder:
            wheel = _download_cpu_build(python, Path(folder))
            if wheel is not None:
                _install_cpu_build(python, wheel)
                return True
    if choice == "cpu":
        raise SetupError(
            f"pip finds no CPU build of torch {VERSION} for this Python: point PIP_FIND_LINKS or "
            "PIP_EXTRA_INDEX_URL at one (README, torch), or choose VERTEREAD_TORCH=public."
        )
    if choice == "public" or level is DEVELOP or sys.platform == "darwin":
        _install_public_build(python)
        return True
    say(
        f"torch is not installed, since pip finds no CPU build of torch {VERSION}: OpenVINO runs "
        f"the network. Training and tests need torch: `make setup`, or VERTEREAD_TORCH=public, "
        f"adds the public build ({PUBLIC_GB} to download); README explains the choice"
    )
    return has_packages(python, "torch")


def _download_cpu_build(python: Path, folder: Path) -> Path | None:
    """Return the CPU build that pip's configuration offers, in a folder, or ``None``."""
    options = ["--quiet", "--no-input", "--no-deps", "--only-binary=:all:", "--dest", str(folder)]
    trial = subprocess.run(
        [*pip(python), "download", *options, f"torch=={VERSION}+cpu"],
        cwd=CLONE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return next(folder.glob("torch-*.whl"), None) if trial.returncode == 0 else None


def _install_cpu_build(python: Path, wheel: Path) -> None:
    checksum = hashlib.sha256(wheel.read_bytes()).hexdigest()
    size_mb = wheel.stat().st_size // 10**6
    origin = "the build that is locked"
    if checksum not in KNOWN_CPU_BUILDS:
        origin = "from your pip configuration; VerteRead has no hash to compare it with"
    say(
        f"Installing the CPU build of torch {VERSION} ({size_mb} MB, {origin}); "
        "VERTEREAD_TORCH=public or none chooses otherwise"
    )
    check_disk(CPU_MB)
    failure = "torch was not installed"
    run([*pip(python), "install", "--no-input", "--require-hashes", "-r", str(CPU_LOCK)], failure)
    run([*pip(python), "install", "--no-input", "--no-deps", "--no-index", str(wheel)], failure)


def _install_public_build(python: Path) -> None:
    say(
        f"Installing the public build of torch {VERSION} ({PUBLIC_GB} to download); "
        "VERTEREAD_TORCH=cpu takes the CPU build that your pip configuration offers"
    )
    check_disk(PUBLIC_MB)
    run(
        [*pip(python), "install", "--no-input", "--require-hashes", "-r", str(PUBLIC_LOCK)],
        "torch was not installed",
        progress=PipProgress(PUBLIC_LOCK.read_text().count("==")),
    )
