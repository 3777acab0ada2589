"""The statistics and their command load numpy and scipy and no other package."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.analytics.rows import crossover

PROGRAM = """
import sys
before = set(sys.modules)
{program}
files = [getattr(sys.modules[name], "__file__", None) or "" for name in set(sys.modules) - before]
packages = {{
    path.replace("\\\\", "/").split("site-packages/")[1].split("/")[0].removesuffix(".py")
    for path in files
    if "site-packages" in path
}}
print(*sorted(packages), file=sys.stderr)
"""
# numpy.f2py imports it where it is installed.
OPTIONAL_OF_NUMPY = ("charset_normalizer",)
COMMAND = "from studies.analytics.cli.main import main\nassert main(sys.argv[1:]) == 0"


def packages_loaded_by(program: str, *arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(program=program), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [name for name in done.stderr.split() if name not in OPTIONAL_OF_NUMPY]


def test_scipy_stats_which_takes_half_a_second_is_not_loaded() -> None:
    program = "import studies.analytics.cli.main\nassert 'scipy.stats' not in sys.modules"
    assert packages_loaded_by(program) == ["numpy", "scipy"]


@pytest.mark.parametrize(
    "program", ["import studies.analytics", "import studies.analytics.cli.main"]
)
def test_importing_loads_only_numpy_and_scipy(program) -> None:
    assert packages_loaded_by(program) == ["numpy", "scipy"]


@pytest.mark.parametrize("form", [[], ["--json", "--bootstrap", "20", "--by", "site"]])
def test_command_loads_only_numpy_and_scipy(tmp_path, form) -> None:
    path = tmp_path / "readings.csv"
    path.write_text(crossover(readers=2, cases=6), encoding="utf-8")
    assert packages_loaded_by(COMMAND, str(path), *form) == ["numpy", "scipy"]
