"""Collects the pages of the documentation site in one folder.

Documents link to each other, and to files of the repository, by paths that work on a forge. Links
between pages are rewritten to where the pages are on the site; links to other files are an error.
"""

from __future__ import annotations

import os
import re
import shutil
from fnmatch import fnmatch
from pathlib import Path

from tools.setup.steps import CLONE, SetupError

LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?(?=\))")
ROOT_PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "frontend/README.md": "frontend.md",
    "inference/weights/MODEL_CARD.md": "model-card.md",
}
"""Pages outside docs, and where they are on the site."""
FIGURES = (".svg", ".png", ".jpg")
SECTIONS = (
    ("Studies", ("running-a-study", "deidentification", "agreement")),
    ("Images", ("guides", "corner-convention", "vertenet", "model-card", "training", "phantom")),
    ("Operation", ("deployment", "storage", "local", "security")),
    (
        "Development",
        (
            *("contributing", "architecture", "design/*", "frontend", "api", "package"),
            *("speed", "dependencies", "changelog"),
        ),
    ),
)
API = ("inference", "studies/analytics")
"""Packages whose docstrings are the API reference."""


def stage(folder: Path, clone: Path = CLONE) -> None:
    """Write ``pages`` and ``zensical.toml`` into an empty folder.

    Raises
    ------
    SetupError
        When a link leads nowhere or a page is in no section.
    """
    pages = folder / "pages"
    places = page_places(clone)
    for source, page in places.items():
        target = pages / page
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(rewrite_links((clone / source).read_text(), source, clone))
    for path in sorted((clone / "docs").rglob("*")):
        if path.suffix in FIGURES:
            target = pages / path.relative_to(clone / "docs")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    reference = write_reference(pages, clone)
    config = (clone / "tools" / "docs" / "zensical.toml").read_text()
    entry = f"[project]\nnav = {navigation(set(places.values()), reference)}\n"
    (folder / "zensical.toml").write_text(config.replace("[project]\n", entry, 1))


def page_places(clone: Path) -> dict[str, str]:
    """Return for each document of the repository its place on the site."""
    documents = [path.relative_to(clone).as_posix() for path in clone.glob("docs/**/*.md")]
    return ROOT_PAGES | {name: name.removeprefix("docs/") for name in sorted(documents)}


def rewrite_links(text: str, source: str, clone: Path) -> str:
    """Return a document with links to where pages and figures are on the site.

    Parameters
    ----------
    text
        The document.
    source
        Its path in the repository.

    Raises
    ------
    SetupError
        When a link leads to no file, or to a file that is not on the site.
    """
    places = page_places(clone)
    here = places[source]

    def place(match: re.Match[str]) -> str:
        target = os.path.normpath(Path(source).parent / match[1])
        if not (clone / target).exists():
            raise SetupError(f"{source} links to {match[1]}, which does not exist.")
        if target not in places and not target.startswith("docs/"):
            raise SetupError(f"{source} links to {match[1]}, which is not part of the site.")
        page = places.get(target, target.removeprefix("docs/"))
        return os.path.relpath(page, Path(here).parent) + (match[2] or "")

    return LINK.sub(place, text)


def write_reference(pages: Path, clone: Path) -> list[str]:
    """Write a page for each package of the API reference; return the pages' places."""
    written = []
    for top in API:
        packages = sorted({path.parent for path in (clone / top).rglob("*.py")})
        for package in packages:
            modules = [_dotted(path, clone) for path in sorted(package.glob("*.py"))]
            named = [name for name in modules if not name.rpartition(".")[2].startswith("__")]
            name = _dotted(package, clone)
            body = "".join(f"\n::: {module}\n" for module in ([name, *named]))
            place = f"reference/{name}.md"
            (pages / place).parent.mkdir(exist_ok=True)
            (pages / place).write_text(f"# {name}\n{body}")
            written.append(place)
    return written


def _dotted(path: Path, clone: Path) -> str:
    return ".".join(path.relative_to(clone).with_suffix("").parts)


def navigation(pages: set[str], reference: list[str]) -> str:
    """Return the navigation as a TOML array.

    Raises
    ------
    SetupError
        When a page is in no section, or a section names a page that does not exist.
    """
    left = pages - {"index.md"}
    sections = []
    for title, names in SECTIONS:
        entries = []
        for name in names:
            matches = sorted(page for page in left if fnmatch(page, f"{name}.md"))
            if not matches:
                raise SetupError(f"The site has no page {name}.md.")
            left -= set(matches)
            entries += matches
        sections.append((title, entries))
    if left:
        raise SetupError(f"Add to a section of the site: {', '.join(sorted(left))}.")
    sections.append(("API reference", reference))
    lines = ['  {"Home" = "index.md"},']
    for title, entries in sections:
        quoted = ", ".join(f'"{entry}"' for entry in entries)
        lines.append(f'  {{"{title}" = [{quoted}]}},')
    return "[\n" + "\n".join(lines) + "\n]"
