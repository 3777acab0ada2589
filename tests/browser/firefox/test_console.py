"""The check behind all tests of this folder: that errors in the browser are seen."""

from __future__ import annotations

import pytest

from tests.browser.firefox.bidi import Firefox
from tests.browser.firefox.tab import Tab

pytestmark = pytest.mark.slow


def test_errors_blocked_content_and_missing_pages_are_reported(
    firefox: Firefox, server: str
) -> None:
    tab = Tab(firefox, server)
    tab.goto("/accounts/login/")
    assert tab.errors() == []
    tab.evaluate("console.error('from the console')")
    tab.evaluate("(setTimeout(() => { throw new Error('not caught'); }), 0)")
    tab.evaluate("document.body.setAttribute('onclick', 'alert()')")
    tab.evaluate("(document.body.append(window.picture = new Image()), picture.src = '/x.png')")
    tab.wait_for("picture.complete")
    errors = "\n".join(tab.errors())
    tab.close()
    for part in ("from the console", "not caught", "blocked script-src", "404"):
        assert part in errors
