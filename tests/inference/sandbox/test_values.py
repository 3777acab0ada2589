"""Values of an untrusted process are refused before anything uses or stores them."""

from __future__ import annotations

import json

import pytest

from inference.sandbox.values import Values


def test_text_is_returned() -> None:
    assert Values({"name": "Größe 😀"}).text("name") == "Größe 😀"


@pytest.mark.parametrize("text", [r'"a\u0000b"', r'"\ud800"', r'"a\udfffb"', "1", "null"])
def test_text_that_no_database_can_store_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no usable name"):
        Values({"name": json.loads(text)}).text("name")


def test_text_that_is_too_long_is_refused() -> None:
    assert Values({"name": "x" * 5}).text("name", most=5) == "x" * 5
    with pytest.raises(ValueError, match="no usable name"):
        Values({"name": "x" * 6}).text("name", most=5)
