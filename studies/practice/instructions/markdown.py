"""Rendering of a coordinator's Markdown to HTML that is safe to show."""

from __future__ import annotations

from typing import Final

import nh3
from markdown_it import MarkdownIt

TAGS: Final = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "hr", "img", "li", "ol", "p", "pre",
    "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES: Final = {"a": {"href", "title"}, "img": {"src", "alt", "title"}}
HEADING_SHIFT: Final = 2
"""The page has the heading of level 1 and the part that of level 2."""
LOWEST_HEADING: Final = 5

# HTML inside the text is shown as text rather than interpreted.
_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def render_markdown(text: str, *, pictures: str) -> str:
    """Return a text as HTML.

    Parameters
    ----------
    text
        Markdown (CommonMark, with tables).
    pictures
        Start of the addresses from which pictures may be loaded. Any other picture is removed, so
        that opening the instructions never contacts another server.
    """
    tokens = _PARSER.parse(text)
    # The headings of the text continue those of the page, as screen readers navigate by them.
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + HEADING_SHIFT, LOWEST_HEADING)}"
    html = _PARSER.renderer.render(tokens, _PARSER.options, {})

    def keep_attribute(tag: str, name: str, value: str) -> str | None:
        # Without its address a picture loads nothing.
        if tag == "img" and name == "src" and not value.startswith(pictures):
            return None
        return value

    # A second line of defence: the parser already escapes all HTML in the author's text.
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=keep_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
