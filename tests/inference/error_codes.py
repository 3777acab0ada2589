"""The error code of an unreadable file."""

import pytest

from inference.image import UnreadableImage, read_image


def code_of(data):
    """Return the code of the error that reading a file raises."""
    with pytest.raises(UnreadableImage) as caught:
        read_image(data)
    assert caught.value.text.endswith(".")
    return caught.value.code
