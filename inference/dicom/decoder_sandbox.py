"""Compressed pixels are decoded in a sandbox process.

The JPEG family's decoders are C and C++ libraries; a crafted stream was seen to end the process
that they run in (gdcm, by an exception that nobody catches). Here that is a sandbox with limits on
memory and time, given the code stream and the few numbers that describe it, and nothing of the
file's header. Inside a sandbox, where the header is parsed too, the stream is decoded at once.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import gdcm
import jpeg_ls
import numpy as np
from numpy.typing import NDArray

from inference.dicom.codestream import Codestream
from inference.sandbox.job import Job, Refusal, begin_stage, inside_sandbox
from inference.sandbox.pool import Pool, SandboxBroken, SandboxBusy
from inference.sandbox.process import SandboxFailed

GDCM_SYNTAXES = {
    ("jpeg", 8): gdcm.TransferSyntax.JPEGBaselineProcess1,
    ("jpeg", 16): gdcm.TransferSyntax.JPEGExtendedProcess2_4,
    ("jpeg-lossless", 8): gdcm.TransferSyntax.JPEGLosslessProcess14,
    ("jpeg-lossless", 16): gdcm.TransferSyntax.JPEGLosslessProcess14,
    ("jpeg2000", 8): gdcm.TransferSyntax.JPEG2000,
    ("jpeg2000", 16): gdcm.TransferSyntax.JPEG2000,
}
POOL = Pool("inference.sandboxed_tasks", size=1)
"""Sandboxes of a process that reads images without a pool of its own; started when needed."""


class DecoderFailed(Exception):
    """The sandbox could not decode the stream, was too slow, or died of it."""


def decode_in_sandbox(stream: bytes, header: Codestream) -> NDArray[Any]:
    """Decode a code stream in a sandbox process; in this one where it is a sandbox already.

    Parameters
    ----------
    stream
        One grey frame: JPEG, JPEG-LS or JPEG 2000.
    header
        What its frame header says.

    Returns
    -------
    NDArray
        Unsigned words (height, width) of 8 or 16 bits; the bits above the precision are 0.

    Raises
    ------
    DecoderFailed
        Whatever the sandbox died of.
    """
    if inside_sandbox():
        begin_stage("pixels")
        decoded = decode_stream(stream, header)
        begin_stage("image")
        return decoded
    try:
        content = POOL.run("decode", asdict(header), stream).part(0)
        words = np.frombuffer(content, "<u1" if header.precision <= 8 else "<u2")
        return words.reshape(header.height, header.width).copy()
    except (Refusal, SandboxFailed, SandboxBusy, SandboxBroken, ValueError) as error:
        raise DecoderFailed from error


def decode_task(job: Job) -> dict[str, Any]:
    """Decode the code stream in the job's file."""
    decoded = decode_stream(job.read(), Codestream(**job.request))
    job.write(np.ascontiguousarray(decoded).data)
    return {}


def decode_stream(stream: bytes, header: Codestream) -> NDArray[Any]:
    """Decode a code stream in this process: unsigned words (height, width)."""
    if header.kind == "jpeg-ls":
        buffer, _ = jpeg_ls.decode_pixel_data(stream)
        content = bytes(buffer)
    else:
        content = _decode_by_gdcm(stream, header)
    words = np.frombuffer(content, "<u1" if header.precision <= 8 else "<u2")
    used = np.array(2**header.precision - 1, words.dtype)
    decoded: NDArray[Any] = (words & used).reshape(header.height, header.width)
    return decoded


def _decode_by_gdcm(stream: bytes, header: Codestream) -> bytes:
    """The samples as gdcm gives them; it decodes 12-bit JPEG too, which pydicom does not ask for.

    The depth is that of the code stream: with fewer bits stored, gdcm would cut values off.
    """
    allocated = 8 if header.precision <= 8 else 16
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(stream)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((header.width, header.height, 1))
    image.SetDataElement(element)
    grey = gdcm.PhotometricInterpretation.MONOCHROME2
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(grey))
    syntax = GDCM_SYNTAXES[header.kind, allocated]
    image.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    image.SetPixelFormat(
        gdcm.PixelFormat(1, allocated, header.precision, header.precision - 1, int(header.signed))
    )
    buffer: str = image.GetBuffer()
    return buffer.encode("utf-8", "surrogateescape")
