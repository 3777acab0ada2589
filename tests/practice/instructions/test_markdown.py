"""Markdown of coordinators: what it may contain, and what is removed."""

from __future__ import annotations

import re

import pytest

from studies.practice.instructions.markdown import render_markdown

PICTURES = "/studies/s/instructions/pictures/"


def html(text: str) -> str:
    return render_markdown(text, pictures=PICTURES)


def test_headings_lists_and_tables_are_rendered():
    assert html("# Title") == "<h3>Title</h3>\n"
    assert "<li>one</li>" in html("- one\n- two")
    assert "<td>1</td>" in html("| a |\n|---|\n| 1 |")
    assert "<strong>not</strong>" in html("Do **not** guess")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://tracker.example/x.png)",
        "![x](//tracker.example/x.png)",
        "![x](/studies/other/instructions/pictures/x.png)",
        "![x](data:image/svg+xml;base64,PHN2Zz4=)",
        '<img src=x onerror="alert(1)">',
        "<style>body { display: none }</style>",
        "<iframe src='https://example.org'></iframe>",
    ],
)
def test_nothing_that_runs_or_contacts_another_server_is_left(text):
    shown = html(text)
    assert not re.search(r"<(script|style|iframe)", shown)
    # Escaped text may name attributes; elements may not have them.
    assert not re.search(r"<[^>]*(src|onerror|javascript:)", shown)


def test_own_picture_is_shown():
    assert f'src="{PICTURES}a.png"' in html(f"![Wall]({PICTURES}a.png)")


def test_link_opens_without_a_reference_to_this_page():
    assert 'rel="noopener noreferrer"' in html("[NHANES](https://example.org)")
