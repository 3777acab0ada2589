"""Install a build of torch, or none.

The public Linux build of torch includes CUDA (2.7 GB to download). A CPU build has a tenth of that
size, but is not on the usual package index; pip finds it through its configuration (PIP_FIND_LINKS,
PIP_EXTRA_INDEX_URL, pip.conf). The bundled network runs without torch; training, tests and the
torch runtime need it.
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
    CHECKOUT,
    SetupError,
    check_disk,
    digest,
    has_packages,
    is_current,
    print_step,
    run,
)

VERSION = "2.13.0"
CHOICES = ("auto", "cpu", "public", "none")
PUBLIC_LOCK = CHECKOUT / "requirements-torch.txt"
CPU_LOCK = CHECKOUT / "requirements-torch-cpu.txt"
# Disk space during the installation: the wheel and its unpacked files.
CPU_MB, PUBLIC_MB = 1200, 9000
PUBLIC_GB = "0.1 GB" if sys.platform == "darwin" else "2.7 GB"
KNOWN_CPU_BUILDS = {
    "6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b": "cp311 Linux x86-64",
}
"""SHA-256 of the CPU builds that were tested."""
# A change of these settings repeats the search for a CPU build.
PIP_SETTINGS = ("PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CONFIG_FILE")


def install_torch(python: Path, level: Level, environment: Mapping[str, str] = os.environ) -> None:
    """Install the build that ``VERTEREAD_TORCH`` names: auto, cpu, public or none.

    ``auto`` selects a CPU build if pip finds one. Otherwise it selects the public build for
    development, and none for running the platform.

    Raises
    ------
    SetupError
        If the selected build is not available.
    """
    choice = environment.get("VERTEREAD_TORCH") or "auto"
    if choice not in CHOICES:
        raise SetupError(f"VERTEREAD_TORCH must be one of {', '.join(CHOICES)}, not {choice!r}.")
    stamp = Path(python).parent.parent / "verteread-torch"
    pip_settings = [environment.get(name, "") for name in PIP_SETTINGS]
    state = digest([PUBLIC_LOCK, CPU_LOCK], extra=" ".join([choice, *pip_settings]))
    present = has_packages(python, "torch")
    # The stamp also records that no torch was installed, so that the search is not repeated.
    if is_current(stamp, f"{state} with") and present:
        return
    if is_current(stamp, f"{state} without") and level is not DEVELOP and not present:
        return
    present = _install(python, level, choice)
    stamp.write_text(f"{state} {'with' if present else 'without'}")


def _install(python: Path, level: Level, choice: str) -> bool:
    """Install the selected build; return whether torch is installed afterwards."""
    if choice == "none":
        if level is DEVELOP:
            raise SetupError(
                "Training, tests and checks need torch, but VERTEREAD_TORCH is none. Only "
                "`make demo` runs without torch."
            )
        print_step("Not installing torch (VERTEREAD_TORCH=none); OpenVINO runs the network")
        return has_packages(python, "torch")
    if choice in ("auto", "cpu"):
        with tempfile.TemporaryDirectory(prefix="verteread-torch-") as folder:
            wheel = _download_cpu_build(python, Path(folder))
            if wheel is not None:
                _install_cpu_build(python, wheel)
                return True
    if choice == "cpu":
        raise SetupError(
            f"pip finds no CPU build of torch {VERSION} for this Python version. Set "
            "PIP_FIND_LINKS or PIP_EXTRA_INDEX_URL (see README, section torch), or set "
            "VERTEREAD_TORCH=public."
        )
    # The public build for macOS has no CUDA and is small.
    if choice == "public" or level is DEVELOP or sys.platform == "darwin":
        _install_public_build(python)
        return True
    print_step(
        f"Not installing torch, because pip finds no CPU build of torch {VERSION}; OpenVINO runs "
        f"the network. For training and tests, `make setup` or VERTEREAD_TORCH=public adds the "
        f"public build (download: {PUBLIC_GB}); see README, section torch"
    )
    return has_packages(python, "torch")


def _download_cpu_build(python: Path, folder: Path) -> Path | None:
    """Download the CPU build through pip's configuration; return the wheel, or ``None``."""
    options = ["--quiet", "--no-input", "--no-deps", "--only-binary=:all:", "--dest", str(folder)]
    trial = subprocess.run(
        [*pip(python), "download", *options, f"torch=={VERSION}+cpu"],
        cwd=CHECKOUT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return next(folder.glob("torch-*.whl"), None) if trial.returncode == 0 else None


def _install_cpu_build(python: Path, wheel: Path) -> None:
    checksum = hashlib.sha256(wheel.read_bytes()).hexdigest()
    size_mb = wheel.stat().st_size // 10**6
    origin = "the tested build"
    if checksum not in KNOWN_CPU_BUILDS:
        origin = "from your pip configuration, not tested with VerteRead"
    print_step(
        f"Installing the CPU build of torch {VERSION} ({size_mb} MB, {origin}); "
        "to change this, set VERTEREAD_TORCH"
    )
    check_disk(CPU_MB)
    failure = "torch could not be installed"
    run([*pip(python), "install", "--no-input", "--require-hashes", "-r", str(CPU_LOCK)], failure)
    # Its dependencies are locked and installed above; the wheel itself is not on the index.
    run([*pip(python), "install", "--no-input", "--no-deps", "--no-index", str(wheel)], failure)


def _install_public_build(python: Path) -> None:
    print_step(
        f"Installing the public build of torch {VERSION} (download: {PUBLIC_GB}); "
        "VERTEREAD_TORCH=cpu selects a CPU build from your pip configuration"
    )
    check_disk(PUBLIC_MB)
    run(
        [*pip(python), "install", "--no-input", "--require-hashes", "-r", str(PUBLIC_LOCK)],
        "torch could not be installed",
        progress=PipProgress(PUBLIC_LOCK.read_text().count("==")),
    )
