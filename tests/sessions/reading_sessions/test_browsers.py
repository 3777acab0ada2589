from __future__ import annotations

import pytest

from studies.sessions.reading_sessions.browsers import browser_name

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (CHROME + "Chrome/131.0.6778.85 Safari/537.36", "Chrome 131"),
        (CHROME + "HeadlessChrome/131.0.0.0 Safari/537.36", "Chrome 131"),
        (CHROME + "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.51", "Edge 131"),
        (CHROME + "Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0", "Opera 115"),
        (CHROME + "SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
         "Samsung Internet 27"),
        (MAC + "Version/18.1 Safari/605.1.15", "Safari 18"),
        (MAC + "CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1", "Chrome 131"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128"),
        ("Ward 7 workstation of Dr Doe, Chrome/", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_name_and_major_version_are_derived_from_the_header(header, name):
    assert browser_name(header) == name


def test_nothing_else_of_the_header_is_kept():
    header = CHROME + "Chrome/131.0.6778.85 (Dr Doe, ward 7) Safari/537.36"
    assert browser_name(header) == "Chrome 131"
    assert browser_name("Firefox/" + "9" * 5000) in {"Firefox 9999", ""}
