"""Short names of browsers, derived from the header ``User-Agent``."""

from __future__ import annotations

import re
from typing import Final

# In this order: most browsers also name those that they are derived from.
_BROWSERS: Final = (
    ("Edge", re.compile(r"\bEdgA?(?:iOS)?/(\d{1,4})")),
    ("Opera", re.compile(r"\bOPR/(\d{1,4})")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/(\d{1,4})")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/(\d{1,4})")),
    ("Chrome", re.compile(r"\b(?:HeadlessChrome|Chrome|CriOS)/(\d{1,4})")),
    ("Safari", re.compile(r"\bVersion/(\d{1,4})[.\d]* .*\bSafari/")),
)


def browser_name(user_agent: str) -> str:
    """Return name and major version of a browser, or "" for an unknown one.

    The header itself is not stored, because it can contain details that identify a computer.

    Examples
    --------
    >>> browser_name("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
    'Firefox 128'
    >>> browser_name("curl/8.5.0")
    ''
    """
    for name, pattern in _BROWSERS:
        if match := pattern.search(user_agent):
            return f"{name} {match[1]}"
    return ""
