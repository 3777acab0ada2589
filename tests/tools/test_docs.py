"""The pages of the documentation site and their links."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.docs.links import problems
from tools.docs.staging import CHECKOUT, page_addresses, rewrite_links, stage
from tools.setup.steps import SetupError


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "site.css").touch()
    (tmp_path / "a.html").write_text(
        '<link rel="stylesheet" href="assets/site.css"><h2 id="one">One</h2><a href="b.html">b</a>'
    )
    (tmp_path / "b.html").write_text(
        '<a href="a.html#one">a</a><a href="https://example.org">e</a>'
    )
    return tmp_path


def test_every_document_of_the_repository_is_on_the_site_with_links_that_exist(
    tmp_path: Path,
) -> None:
    stage(tmp_path)
    pages = tmp_path / "pages"
    for address in page_addresses(CHECKOUT).values():
        assert (pages / address).is_file()
    reference = (pages / "reference" / "inference.geometry.md").read_text()
    assert "::: inference.geometry.guides" in reference
    config = (tmp_path / "zensical.toml").read_text()
    assert '"running-a-study.md"' in config
    assert '"reference/studies.analytics.md"' in config


@pytest.mark.parametrize(
    ("source", "link", "address"),
    [
        ("README.md", "docs/api.md#errors", "api.md#errors"),
        ("README.md", "CONTRIBUTING.md", "contributing.md"),
        ("docs/local.md", "../README.md#torch", "index.md#torch"),
        ("docs/vertenet.md", "../inference/weights/MODEL_CARD.md", "model-card.md"),
        ("docs/guides.md", "figures/guides.svg", "figures/guides.svg"),
        ("docs/design/0001-one-way.md", "../api.md", "../api.md"),
        ("docs/api.md", "https://example.org/x.md", "https://example.org/x.md"),
    ],
)
def test_links_are_rewritten_to_addresses_on_the_site(source: str, link: str, address: str) -> None:
    assert rewrite_links(f"See [it]({link}).", source, CHECKOUT) == f"See [it]({address})."


@pytest.mark.parametrize(
    ("link", "reason"),
    [("docs/nothing.md", "does not exist"), ("studies/urls.py", "not part of the site")],
)
def test_links_to_files_outside_the_site_are_rejected(link: str, reason: str) -> None:
    with pytest.raises(SetupError, match=reason):
        rewrite_links(f"[it]({link})", "README.md", CHECKOUT)


def test_a_page_without_a_section_is_rejected(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for name in page_addresses(CHECKOUT):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text("# A page\n")
    (checkout / "tools" / "docs").mkdir(parents=True)
    (checkout / "tools" / "docs" / "zensical.toml").write_text("[project]\n")
    (checkout / "docs" / "new.md").write_text("# A new page\n")
    with pytest.raises(SetupError, match=r"in no section: new\.md"):
        stage(tmp_path / "out", checkout)


def test_a_site_without_broken_links_has_no_problems(site: Path) -> None:
    assert problems(site) == []


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ('<a href="c.html">c</a>', "links to c.html, which does not exist"),
        ('<a href="a.html#two">a</a>', "links to a.html#two, but the page has no such heading"),
        ('<img src="figure.svg">', "loads figure.svg, which does not exist"),
        ('<script src="https://example.org/x.js"></script>', "from another server"),
        ('<link rel="stylesheet" href="//fonts.example.org/f.css">', "from another server"),
    ],
)
def test_problems_name_the_page_and_the_link(site: Path, html: str, problem: str) -> None:
    (site / "b.html").write_text(html)
    (sentence,) = problems(site)
    assert sentence.startswith("b.html")
    assert problem in sentence
