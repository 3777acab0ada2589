"""Collect the pages of the documentation site in one folder.

Documents link to each other by paths within the repository, which work on a code-hosting site.
Those links are rewritten to the addresses of the pages; links to other files are an error.
"""

from __future__ import annotations

import os
import re
import shutil
from fnmatch import fnmatch
from pathlib import Path

from tools.setup.steps import CHECKOUT, SetupError

# The target and anchor of a Markdown link, except addresses and links within a page.
LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?(?=\))")
ROOT_PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "frontend/README.md": "frontend.md",
    "inference/weights/MODEL_CARD.md": "model-card.md",
}
"""Pages outside docs, with their addresses on the site."""
FIGURES = (".svg", ".png", ".jpg")
SECTIONS = (
    (
        "Studies",
        (
            *("running-a-study", "practice", "measured_reading", "deidentification", "agreement"),
            *("review", "exports"),
        ),
    ),
    (
        "Images",
        ("guides", "corner-convention", "vertenet", "model-card", "models", "training", "phantom"),
    ),
    ("Operation", ("deployment", "storage", "mail", "local", "security")),
    (
        "Development",
        (
            *("contributing", "architecture", "design/*", "frontend", "api", "package"),
            *("speed", "growth", "dependencies", "changelog"),
        ),
    ),
)
API = ("inference", "studies/analytics")
"""Packages whose docstrings are the API reference."""


def stage(folder: Path, checkout: Path = CHECKOUT) -> None:
    """Write ``pages`` and ``zensical.toml`` into an empty folder.

    Raises
    ------
    SetupError
        If the target of a link does not exist or a page is in no section.
    """
    pages = folder / "pages"
    addresses = page_addresses(checkout)
    for source, page in addresses.items():
        target = pages / page
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(rewrite_links((checkout / source).read_text(), source, checkout))
    for path in sorted((checkout / "docs").rglob("*")):
        if path.suffix in FIGURES:
            target = pages / path.relative_to(checkout / "docs")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    reference = write_reference(pages, checkout)
    # zensical reads the navigation from its configuration file only.
    config = (checkout / "tools" / "docs" / "zensical.toml").read_text()
    entry = f"[project]\nnav = {navigation(set(addresses.values()), reference)}\n"
    (folder / "zensical.toml").write_text(config.replace("[project]\n", entry, 1))


def page_addresses(checkout: Path) -> dict[str, str]:
    """Return the address on the site of each document of the repository."""
    documents = [path.relative_to(checkout).as_posix() for path in checkout.glob("docs/**/*.md")]
    return ROOT_PAGES | {name: name.removeprefix("docs/") for name in sorted(documents)}


def rewrite_links(text: str, source: str, checkout: Path) -> str:
    """Return a document whose links lead to pages and figures of the site.

    Parameters
    ----------
    text
        Markdown.
    source
        Path of the document in the repository.

    Raises
    ------
    SetupError
        If a link leads to no file, or to a file that is not on the site.
    """
    addresses = page_addresses(checkout)
    folder = Path(addresses[source]).parent

    def rewrite(match: re.Match[str]) -> str:
        # Path within the repository, with "..".
        target = os.path.normpath(Path(source).parent / match[1])
        if not (checkout / target).exists():
            raise SetupError(f"{source} links to {match[1]}, which does not exist.")
        if target not in addresses and not target.startswith("docs/"):
            raise SetupError(f"{source} links to {match[1]}, which is not part of the site.")
        page = addresses.get(target, target.removeprefix("docs/"))
        return os.path.relpath(page, folder) + (match[2] or "")

    return LINK.sub(rewrite, text)


def write_reference(pages: Path, checkout: Path) -> list[str]:
    """Write one page per package of the API reference; return the addresses of the pages."""
    addresses = []
    for top in API:
        packages = sorted({path.parent for path in (checkout / top).rglob("*.py")})
        for package in packages:
            modules = [_dotted(path, checkout) for path in sorted(package.glob("*.py"))]
            public = [name for name in modules if not name.rpartition(".")[2].startswith("__")]
            name = _dotted(package, checkout)
            body = "".join(f"\n::: {module}\n" for module in [name, *public])
            address = f"reference/{name}.md"
            (pages / address).parent.mkdir(exist_ok=True)
            (pages / address).write_text(f"# {name}\n{body}")
            addresses.append(address)
    return addresses


def _dotted(path: Path, checkout: Path) -> str:
    """Return the dotted name of a module or package."""
    return ".".join(path.relative_to(checkout).with_suffix("").parts)


def navigation(pages: set[str], reference: list[str]) -> str:
    """Return the navigation as a TOML array.

    Raises
    ------
    SetupError
        If a page is in no section, or a section names a page that does not exist.
    """
    unlisted = pages - {"index.md"}
    sections = []
    for title, names in SECTIONS:
        entries = []
        for name in names:
            matches = sorted(page for page in unlisted if fnmatch(page, f"{name}.md"))
            if not matches:
                raise SetupError(f"The site has no page {name}.md.")
            unlisted -= set(matches)
            entries += matches
        sections.append((title, entries))
    if unlisted:
        raise SetupError(
            f"These pages are in no section: {', '.join(sorted(unlisted))}. "
            "Add them to SECTIONS in tools/docs/staging.py."
        )
    sections.append(("API reference", reference))
    lines = ['  {"Home" = "index.md"},']
    for title, entries in sections:
        quoted = ", ".join(f'"{entry}"' for entry in entries)
        lines.append(f'  {{"{title}" = [{quoted}]}},')
    return "[\n" + "\n".join(lines) + "\n]"
