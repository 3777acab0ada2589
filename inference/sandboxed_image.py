"""Read images from untrusted files in a sandbox, so that this process receives only arrays."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.dicom.dataset import UnreadableImage, damaged
from inference.dicom.decoder_sandbox import POOL
from inference.dicom.pixel_header import MAX_SIDE
from inference.dicom.pixels import undecodable
from inference.dicom.voi_windows import Window
from inference.image import Image, file_bytes
from inference.sandbox.job import Refusal
from inference.sandbox.pool import Answer, Pool, SandboxBroken, SandboxBusy
from inference.sandbox.process import SandboxFailed
from inference.sandbox.values import Values

TOO_MUCH = {
    "memory": "This file was not read, because it needs far more memory than any DXA image. Export "
    "it again from the scanner or the archive, as a single grey image.",
    "time": "This file was not read, because it takes far longer than any DXA image. Export "
    "it again from the scanner or the archive, as a single grey image.",
    "output": "This file was not read, because it unpacks to far more data than any DXA image. "
    "Export it again from the scanner or the archive, as a single grey image.",
}
# A sandbox may be compromised by the file, so only these types are accepted from it.
STORED_TYPES = {"|u1": "<u1", "<u2": "<u2"}
MAX_NOTE_LENGTH = 200


class SandboxUnavailable(UnreadableImage):
    """No sandbox was available; the file itself may be valid."""


def read_image_in_sandbox(source: Path | bytes, *, name: str = "", pool: Pool = POOL) -> Image:
    """Read a DICOM, PNG or JPEG file in a sandbox process, as `inference.image.read_image` does.

    Parameters
    ----------
    source
        A path, or the bytes of the file.
    name
        Name of the image; by default that of the file.
    pool
        The sandboxes; their tasks must include ``read_image``.

    Raises
    ------
    UnreadableImage
        If the file cannot be read; its code and text state the reason and the remedy.
    SandboxUnavailable
        If no sandbox was available.
    """
    if isinstance(source, Path):
        name = name or source.name
    try:
        answer = pool.run("read_image", {}, file_bytes(source))
        return _image(answer, name)
    except Refusal as refusal:
        raise UnreadableImage(refusal.code, refusal.text) from refusal
    except SandboxFailed as failure:
        raise refusal_of(failure) from failure
    except ValueError as error:
        raise damaged() from error
    except (SandboxBusy, SandboxBroken) as error:
        raise SandboxUnavailable(
            "busy", "The server is busy, so this file was not read. Try again in a moment."
        ) from error


def refusal_of(failure: SandboxFailed) -> UnreadableImage:
    """Return the error for a file that a sandbox could not read within its limits."""
    text = TOO_MUCH.get(failure.reason)
    if text is not None:
        return UnreadableImage("too_large", text)
    return undecodable() if failure.stage == "pixels" else damaged()


def _image(answer: Answer, name: str) -> Image:
    values = Values(answer.values)
    height, width = (values.whole(side, 1, MAX_SIDE) for side in ("height", "width"))
    padding = None
    # Every value is checked: the answer comes from a process that parsed an untrusted file.
    if values.flag("padded"):
        bits = np.frombuffer(answer.part(2), np.uint8)
        padding = np.unpackbits(bits, count=height * width).reshape(height, width).astype(bool)
    pixel_type = STORED_TYPES.get(values.text("stored"))
    if pixel_type is None:
        raise ValueError("The sandbox returned pixels of an unexpected type.")
    return Image(
        pixels=_array(answer, 0, "<f4", (height, width)),
        stored=_array(answer, 1, pixel_type, (height, width)),
        spacing_mm=values.pair("spacing_mm"),
        spacing_source=values.text("spacing_source"),
        pixel_aspect=values.number("pixel_aspect"),
        scaling=_scaling(values.inner("scaling")),
        inverted=values.flag("inverted"),
        windows=read_windows(values),
        name=name,
        padding=padding,
        spacing_plausible=values.flag("spacing_plausible"),
    )


def _array(answer: Answer, number: int, kind: str, shape: tuple[int, int]) -> NDArray[Any]:
    """Return a part of the answer as a writable array; raises ValueError unless it has the size."""
    # Read in place: copies of a large image would double the memory of a web process.
    if answer.size(number) != math.prod(shape) * np.dtype(kind).itemsize:
        raise ValueError("The sandbox returned another number of pixels than it announced.")
    array = np.empty(shape, kind)
    answer.fill(number, array.data.cast("B"))
    return array


def _scaling(values: Values) -> dict[str, Any]:
    return {
        "bits": values.whole("bits", 1, 64) if values.has("bits") else None,
        "divisor": values.number("divisor"),
        "offset": values.number("offset"),
        "clipped": values.whole("clipped", 0, MAX_SIDE**2),
        "inverted": values.flag("inverted"),
        "note": values.text("note", most=MAX_NOTE_LENGTH),
    }


def read_windows(values: Values) -> tuple[Window, ...]:
    """Return the display windows of an answer; raises ValueError for unusable values."""
    return tuple(
        Window(window.number("center"), window.number("width"), window.text("name"))
        for window in values.items("windows")
    )
