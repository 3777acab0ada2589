"""PURE. Re-encoding of pictures for instructions, in a sandbox process."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

import PIL.Image
import PIL.ImageOps

from inference.sandbox.job import Job, Refusal

FORMATS: Final = ("PNG", "JPEG", "WEBP")
# Bounds the memory of decoding: about 67 MB at four bytes per pixel.
MAX_SIDE: Final = 4_096


def reencode_picture_task(job: Job) -> dict[str, Any]:
    """Decode the job's picture and write its pixels alone as PNG.

    Nothing but the pixels is passed on: no EXIF, no comments, no colour profile, no further
    frames.
    """
    try:
        # Naming the formats keeps Pillow from trying all its other decoders on an untrusted file.
        with PIL.Image.open(BytesIO(job.read()), formats=FORMATS) as source:
            # The size is known from the header; pixels are decoded only after this check.
            if max(source.size) > MAX_SIDE:
                raise Refusal("too_large", "The picture has too many pixels.")
            # The orientation is part of the metadata, so it is applied to the pixels.
            upright = PIL.ImageOps.exif_transpose(source)
            transparent = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
            pixels = upright.convert("RGBA" if transparent else "RGB")
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError) as error:
        raise Refusal("not_a_picture", "The picture cannot be read.") from error
    # A new image from pixels alone leaves EXIF data, comments and profiles behind.
    plain = PIL.Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())
    out = BytesIO()
    plain.save(out, "PNG", optimize=True)
    job.write(out.getvalue())
    return {"width": plain.width, "height": plain.height}
