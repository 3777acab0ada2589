"""The package as researchers install it: built, installed alone into an empty environment, used."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.analytics.rows import crossover

ROOT = Path(__file__).resolve().parents[2]
LARGEST_MB = 15
PHANTOM = ("--count", "1", "--seed", "8100006")
IMPORT_ALL = """
import importlib, pkgutil, sys
import inference, studies.analytics
missing = set()
for package in (inference, studies.analytics):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            missing.add(error.name.partition(".")[0])
print(*sorted(missing))
"""


class Built(NamedTuple):
    sdist: Path
    wheel: Path


class Installed(NamedTuple):
    """An environment with the wheel, and a folder outside the repository to work in."""

    python: Path
    folder: Path

    def run(self, *arguments: str) -> str:
        dropped = ("PYTHON", "VERTEREAD_", "DJANGO_", "VIRTUAL_ENV")
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(dropped)
        }
        done = subprocess.run(
            [self.python, *arguments],
            cwd=self.folder,
            env=environment | {"VERTEREAD_CACHE": str(self.folder / "cache")},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def build(*options: str, out: Path) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), *options]
    done = subprocess.run([*command, str(ROOT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def expected_files() -> set[str]:
    files = {"studies/__init__.py"}
    for package in ("inference", "studies/analytics"):
        files |= {
            path.relative_to(ROOT).as_posix()
            for path in (ROOT / package).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
    return files


def constraints() -> str:
    """The releases that requirements-worker.txt pins, without hashes."""
    text = (ROOT / "requirements-worker.txt").read_text()
    pins = re.findall(r"^[\w.-]+(?:\[[\w,-]+\])?==[^\\\n]+", text, re.MULTILINE)
    assert pins
    return "\n".join(pins)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sdist of this checkout and the wheel that is built from it."""
    out = tmp_path_factory.mktemp("dist")
    build(out=out)
    (sdist,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    return Built(sdist, wheel)


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("research")
    pins = folder / "constraints.txt"
    pins.write_text(constraints())
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True, timeout=300)
    environment = Installed(next((folder / "venv").glob("*/python")), folder)
    environment.run("-m", "pip", "install", "--quiet", "-c", str(pins), str(built.wheel))
    return environment


@pytest.fixture(scope="module")
def scan(installed: Installed) -> Path:
    installed.run("-m", "inference", "phantom", *PHANTOM, "--out", "phantoms")
    (path,) = (installed.folder / "phantoms").glob("*.dcm")
    return path


@pytest.fixture(scope="module")
def readings(installed: Installed) -> Path:
    path = installed.folder / "readings.csv"
    path.write_text(crossover(cases=8), encoding="utf-8")
    return path


def test_wheel_holds_the_two_packages_and_nothing_else(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        names = set(archive.namelist())
    records = {name for name in names if ".dist-info/" in name}
    assert names - records == expected_files()
    endings = {name.partition(".dist-info/")[2] for name in records}
    assert endings == {"METADATA", "WHEEL", "RECORD", "licenses/LICENSE", "licenses/NOTICE"}
    assert built.wheel.stat().st_size < LARGEST_MB * 1e6


def test_sdist_holds_what_the_wheel_is_built_from(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers()}
    beside = {"LICENSE", "NOTICE", "PKG-INFO", "pyproject.toml", "docs/package.md", ".gitignore"}
    assert names == expected_files() | beside
    assert built.sdist.stat().st_size < LARGEST_MB * 1e6


def test_sdist_gives_the_same_wheel_as_the_checkout(built: Built, tmp_path: Path) -> None:
    build("--wheel", out=tmp_path)
    (direct,) = tmp_path.glob("*.whl")
    assert direct.name == built.wheel.name
    assert direct.read_bytes() == built.wheel.read_bytes()


def test_nothing_but_torch_is_missing_for_any_module(installed: Installed) -> None:
    packages = json.loads(installed.run("-m", "pip", "list", "--format", "json"))
    names = {package["name"].lower() for package in packages}
    assert not names & {"django", "celery", "torch", "pytest"}
    assert installed.run("-c", IMPORT_ALL).split() == ["torch"]


def test_help_lists_the_commands(installed: Installed) -> None:
    printed = installed.run("-m", "inference", "--help")
    for command in ("predict", "evaluate", "phantom", "train"):
        assert command in printed


def test_six_vertebrae_are_found_without_torch(installed: Installed, scan: Path) -> None:
    printed = installed.run("-m", "inference", "predict", str(scan), "--json")
    landmarks = json.loads(printed)["landmarks"]
    present = [name for name, body in landmarks.items() if body and body["superior_anterior"]]
    assert present == ["T12", "L1", "L2", "L3", "L4", "L5"]


def test_agreement_is_what_the_repository_computes(installed: Installed, readings: Path) -> None:
    arguments = ("-m", "studies.analytics", str(readings), "--json", "--bootstrap", "50")
    printed = installed.run(*arguments)
    assert len(json.loads(printed)["results"]) > 1000
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=True)
    assert printed == done.stdout.decode()


def examples() -> list[str]:
    """The Python examples of the package page: predict, agreement of a file, plain arrays."""
    text = (ROOT / "docs" / "package.md").read_text()
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_prediction_example_of_the_package_page_runs(installed: Installed, scan: Path) -> None:
    (installed.folder / "scan.dcm").write_bytes(scan.read_bytes())
    printed = installed.run("-c", examples()[0])
    assert printed.startswith("T12 (")
    assert "aorta: " in printed


def test_agreement_examples_of_the_package_page_run(installed: Installed, readings: Path) -> None:
    assert readings.name in examples()[1]
    assert re.match(r"0\.\d+ \(0\.\d+, \d\.\d+\)$", installed.run("-c", examples()[1]))
    assert len(installed.run("-c", examples()[2]).splitlines()) == 3
