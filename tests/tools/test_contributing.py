"""What contributors' tools run is what `make` runs."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()


def test_hooks_before_a_commit_are_the_checks_of_make_lint() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    (repository,) = config["repos"]
    assert repository["repo"] == "local"
    hooks = [hook["entry"].removeprefix("make ") for hook in repository["hooks"]]
    lint = re.search(r"^lint: (.+)$", MAKEFILE, re.MULTILINE)
    assert lint is not None
    assert hooks == lint[1].split()


def test_commands_of_the_forge_and_of_the_guide_exist() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    runs = [
        step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step
    ]
    assert {"make lint", "make test"} <= set(runs)
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    guide = (ROOT / "CONTRIBUTING.md").read_text()
    named = set(re.findall(r"^\s+make ([a-z-]+)", guide, re.MULTILINE))
    named |= set(re.findall(r"`make ([a-z-]+)[ `]", guide))
    assert named | {run.removeprefix("make ") for run in runs} <= targets


def test_paths_that_the_guide_names_exist() -> None:
    for name in ("CONTRIBUTING.md", "SECURITY.md"):
        links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / name).read_text())
        assert links
        assert [link for link in links if not (ROOT / link).exists()] == []
