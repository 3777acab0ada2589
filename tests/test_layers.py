"""What a package loads when it is imported, seen from a fresh interpreter."""

import subprocess
import sys

import pytest

WITHOUT_TORCH = (
    "inference.landmarks",
    "inference.shapes",
    "inference.frame",
    "inference.image",
    "inference.guides",
    "inference.crop",
    "inference.morphometry",
    "inference.measure",
    "inference.overlay",
    "inference.pipeline",
    "inference.predictor",
    "inference.phantom",
    "inference.__main__",
    "inference.commands.evaluate",
    "inference.commands.predict",
    "inference.commands.phantom",
    "studies.cases.deidentify",
    "studies.cases.archive",
)


def loaded_by(module):
    program = f"import sys, {module}; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stdout.splitlines()}


@pytest.mark.parametrize("module", WITHOUT_TORCH)
def test_web_process_never_loads_torch_or_needs_django(module):
    assert not loaded_by(module) & {"torch", "django", "rest_framework", "celery"}


def test_analytics_needs_neither_django_nor_torch():
    assert not loaded_by("studies.analytics.scale") & {"django", "torch", "pydicom"}
