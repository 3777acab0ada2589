"""Layers that import-linter cannot check: fresh interpreters, and packages without a contract."""

import os
import secrets
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[1]

WITHOUT_TORCH = (
    "inference.landmarks",
    "inference.results",
    "inference.geometry.input_transform",
    "inference.image",
    "inference.geometry.guides",
    "inference.crop.margin_rule",
    "inference.geometry.morphometry",
    "inference.measurements",
    "inference.overlay",
    "inference.pipeline",
    "inference.predictor",
    "inference.phantom",
    "inference.__main__",
    "inference.cli.evaluate",
    "inference.cli.predict",
    "inference.cli.phantom",
    "studies.cases.dicom.deidentify",
    "studies.cases.upload.archive",
)


# Prints one line per module: the packages that are loaded after its import.
IMPORT_ALL = """
import sys
from importlib import import_module
for module in sys.argv[1:]:
    import_module(module)
    print(*{name.partition(".")[0] for name in sys.modules})
"""


def loaded_by(*modules):
    """Return the packages that are loaded after each module, imported one after another."""
    command = [sys.executable, "-c", IMPORT_ALL, *modules]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {
        module: set(line.split())
        for module, line in zip(modules, done.stdout.splitlines(), strict=True)
    }


def test_modules_load_neither_torch_nor_django():
    for module, packages in loaded_by(*WITHOUT_TORCH).items():
        assert not packages & {"torch", "django", "rest_framework", "celery"}, module


def test_analytics_needs_neither_django_nor_torch():
    (packages,) = loaded_by("studies.analytics.scale").values()
    assert not packages & {"django", "torch", "pydicom"}


# Modules of these import nothing of one another: commands of Django, and the formats of a language.
WITHOUT_ORDER = {"migrations", "management", "commands", "formats", "en_GB"}


def packages() -> dict[str, set[str]]:
    """Return the modules and packages within each package of the code."""
    children: dict[str, set[str]] = {}
    for root in ("inference", "studies", "tools"):
        for file in (BASE / root).rglob("*.py"):
            parts = file.relative_to(BASE).with_suffix("").parts
            if "__pycache__" in parts or WITHOUT_ORDER & set(parts[1:-1]):
                continue
            names = parts[:-1] if parts[-1] == "__init__" else parts
            if len(names) > 1 and not WITHOUT_ORDER & {names[-1]}:
                children.setdefault(".".join(names[:-1]), set()).add(names[-1])
    return children


def test_every_package_has_a_contract_that_names_all_its_modules():
    contracts = tomllib.loads((BASE / "pyproject.toml").read_text())["tool"]["importlinter"]
    named = {
        container
        for contract in contracts["contracts"]
        if contract["type"] == "layers" and contract.get("exhaustive")
        for container in contract["containers"]
    }
    several = {package for package, modules in packages().items() if len(modules) > 1}
    assert several <= named


def load_with_only(lock: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Load the project in a fresh interpreter that refuses everything outside a lock file."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("VERTEREAD_")}
    return subprocess.run(
        [sys.executable, "-m", "tests.locked_imports", lock, *options],
        cwd=BASE,
        env={
            **environment,
            "VERTEREAD_SECRET_KEY": secrets.token_hex(32),
            "VERTEREAD_DEMONSTRATION": "1",
        },
        capture_output=True,
        text=True,
    )


# The demonstration analyses its images in the process that seeds it: it needs the worker's lock.
WEB = ("requirements.txt", "--without", "seed_demonstration")
WORKER = ("requirements-worker.txt",)
TASKS = tuple(
    option
    for app in ("cases", "fine_tuning", "reports")
    for option in ("--module", f"studies.{app}.tasks")
)
OBJECT_STORAGE = ("--module", "studies.storage.object_storage")


@pytest.mark.parametrize("options", [(*WEB, *OBJECT_STORAGE), (*WORKER, *TASKS, *OBJECT_STORAGE)])
def test_process_loads_with_nothing_but_its_lock_file(options):
    done = load_with_only(*options)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("options", "module"),
    [
        pytest.param(WEB, "safetensors", marks=pytest.mark.slow),
        pytest.param(WEB, "openvino", marks=pytest.mark.slow),
        (WEB, "torch"),
        pytest.param(WEB, "studies.cases.tasks", marks=pytest.mark.slow),
        (WORKER, "torch"),
        pytest.param(WORKER, "pytest", marks=pytest.mark.slow),
    ],
)
def test_module_outside_the_lock_file_is_refused(options, module):
    done = load_with_only(*options, "--module", module)
    assert done.returncode != 0
    assert "in the lock file" in done.stderr
