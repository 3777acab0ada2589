"""Check a built site: every link has a target, and no file is loaded from another server."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Attributes that name files which a browser loads with the page.
LOADED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src"}
NOT_LOADED = {"canonical", "prev", "next", "alternate"}


@dataclass
class Page(HTMLParser):
    """The anchors and links of an HTML page, and the files that it loads."""

    text: str
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if values.get("id"):
            self.anchors.add(values["id"])
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        loaded = values.get(LOADED.get(tag, ""))
        if loaded and values.get("rel") not in NOT_LOADED:
            self.files.append(loaded)


def problems(site: Path) -> list[str]:
    """Return one sentence per broken link and per file from another server."""
    pages = {path: Page(path.read_text()) for path in sorted(site.rglob("*.html"))}
    errors = []
    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        for file in page.files:
            if urlsplit(file).netloc:
                errors.append(f"{name} loads {file} from another server.")
            elif not file.startswith("data:") and not _target(path, file, site).is_file():
                errors.append(f"{name} loads {file}, which does not exist.")
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = _target(path, link, site) if parts.path else path
            if target.is_dir():
                target /= "index.html"
            if not target.is_file():
                errors.append(f"{name} links to {link}, which does not exist.")
            elif (
                parts.fragment
                and target in pages
                # Anchors of the theme, such as __skip, are added by scripts.
                and not parts.fragment.startswith("__")
                and unquote(parts.fragment) not in pages[target].anchors
            ):
                errors.append(f"{name} links to {link}, but the page has no such heading.")
    return errors


def _target(page: Path, link: str, site: Path) -> Path:
    """Return the file that a link of a page leads to."""
    path = unquote(urlsplit(link).path)
    base = site if path.startswith("/") else page.parent
    return (base / path.lstrip("/")).resolve()
