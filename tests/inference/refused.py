"""Why a file was refused."""

import pytest

from inference.image import UnreadableImage, read_image


def code_of(data):
    with pytest.raises(UnreadableImage) as caught:
        read_image(data)
    assert caught.value.text.endswith(".")
    return caught.value.code
