"""``make docs``: build the documentation site in var/docs/site and check its links.

The generator is installed from its lock file into ``.venv-docs``. It reads docstrings without
importing the code and therefore does not need the packages of the platform.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tools.docs.links import problems
from tools.docs.staging import stage
from tools.setup.packages import pip
from tools.setup.steps import CHECKOUT, SetupError, digest, is_current, print_step, run

VENV = CHECKOUT / ".venv-docs"
LOCK = CHECKOUT / "requirements-docs.txt"
FOLDER = CHECKOUT / "var" / "docs"


def main() -> int:
    """Build the site; return the exit status."""
    try:
        build(install())
    except SetupError as error:
        sys.stderr.write(f"VerteRead: {error}\n")
        return 1
    return 0


def install() -> Path:
    """Install the site generator unless it is up to date; return the folder of its programs."""
    programs, stamp = VENV / "bin", VENV / "verteread-docs"
    expected = digest([LOCK], extra=sys.version)
    if is_current(stamp, expected):
        return programs
    print_step("Installing the documentation generator in .venv-docs")
    # From nothing, so that no package of an earlier lock remains.
    shutil.rmtree(VENV, ignore_errors=True)
    failure = "The documentation generator could not be installed"
    run([sys.executable, "-m", "venv", str(VENV)], failure)
    lock = ["--require-hashes", "-r", str(LOCK)]
    run([*pip(programs / "python"), "install", "--no-input", *lock], failure)
    stamp.write_text(expected)
    return programs


def build(programs: Path) -> None:
    """Build the site.

    Raises
    ------
    SetupError
        If the generator fails or a link is broken.
    """
    print_step("Building the documentation site")
    # From nothing, so that a page that was removed does not stay on the site.
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    stage(FOLDER)
    config = str(FOLDER / "zensical.toml")
    command = [str(programs / "zensical"), "build", "--clean", "--strict", "--config-file", config]
    run(command, "The documentation site could not be built")
    site = FOLDER / "site"
    if errors := problems(site):
        raise SetupError("\n".join(["The documentation site has broken links:", *errors]))
    print_step(
        f"Documentation site built. Open {site.relative_to(CHECKOUT)}/index.html in a browser."
    )


if __name__ == "__main__":
    sys.exit(main())
