"""Read an image whose file is not trusted: in a sandbox, so that this process only gets arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from inference.dicom.dataset import UnreadableImage, damaged
from inference.dicom.decoder_sandbox import POOL
from inference.dicom.pixels import MAX_SIDE, undecodable
from inference.dicom.voi_windows import Window
from inference.image import Image, file_bytes
from inference.sandbox.job import Refusal
from inference.sandbox.pool import Answer, Pool, SandboxBroken, SandboxBusy
from inference.sandbox.process import SandboxFailed
from inference.sandbox.values import Values

TOO_MUCH = {
    "memory": "This file takes far more memory to read than any DXA image. It was not read. Export "
    "it again from the scanner or the archive, as a single grey image.",
    "time": "This file takes far longer to read than any DXA image. It was not read. Export it "
    "again from the scanner or the archive, as a single grey image.",
    "output": "This file unpacks to far more than any DXA image. It was not read. Export it again "
    "from the scanner or the archive, as a single grey image.",
}
STORED_KINDS = {"|u1": "<u1", "<u2": "<u2"}
SCALING_TEXT = 200


class SandboxUnavailable(UnreadableImage):
    """No sandbox was free; the file itself may be sound."""


def read_image_in_sandbox(source: Path | bytes, *, name: str = "", pool: Pool = POOL) -> Image:
    """Read a DICOM, PNG or JPEG file in a sandbox process, as `inference.image.read_image` does.

    Parameters
    ----------
    source
        A path, or the bytes of the file.
    name
        Kept in the result; by default the file's own name.
    pool
        The sandboxes; their tasks must have ``read_image``.

    Raises
    ------
    UnreadableImage
        With a code, and a text that says what is wrong and what to do; `SandboxUnavailable` where no
        sandbox was free.
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
            "busy", "This file cannot be read at the moment. Try again."
        ) from error


def refusal_of(failure: SandboxFailed) -> UnreadableImage:
    """The reason to refuse a file that a sandbox could not read within its limits."""
    text = TOO_MUCH.get(failure.reason)
    if text is not None:
        return UnreadableImage("too_large", text)
    return undecodable() if failure.stage == "pixels" else damaged()


def _image(answer: Answer, name: str) -> Image:
    values = Values(answer.values)
    height, width = (values.whole(side, 1, MAX_SIDE) for side in ("height", "width"))
    padding = None
    if values.flag("padded"):
        bits = np.frombuffer(answer.part(2), np.uint8)
        padding = np.unpackbits(bits, count=height * width).reshape(height, width).astype(bool)
    kind = STORED_KINDS.get(values.text("stored"))
    if kind is None:
        raise ValueError("The sandbox answered with another kind of pixels.")
    return Image(
        pixels=np.frombuffer(answer.part(0), "<f4").reshape(height, width).copy(),
        stored=np.frombuffer(answer.part(1), kind).reshape(height, width).copy(),
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


def _scaling(values: Values) -> dict[str, Any]:
    return {
        "bits": values.whole("bits", 1, 64) if values.has("bits") else None,
        "divisor": values.number("divisor"),
        "offset": values.number("offset"),
        "clipped": values.whole("clipped", 0, MAX_SIDE**2),
        "inverted": values.flag("inverted"),
        "note": values.text("note", most=SCALING_TEXT),
    }


def read_windows(values: Values) -> tuple[Window, ...]:
    """The windows of an answer."""
    return tuple(
        Window(one.number("center"), one.number("width"), one.text("name"))
        for one in values.items("windows")
    )
