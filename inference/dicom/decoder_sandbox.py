"""Decode compressed pixels in a sandbox process.

The decoders of the JPEG family are C and C++ libraries, and a crafted stream can end their process
(observed with gdcm, by an uncaught exception). They therefore run in a sandbox with limits on
memory and time, which receives the code stream and its header values only, nothing else of the
file. A process that is a sandbox already decodes the stream directly.
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
"""Default pool, for callers that do not pass their own; started on first use."""


class DecoderFailed(Exception):
    """The sandbox could not decode the stream, exceeded a limit, or ended."""


def decode_in_sandbox(stream: bytes, header: Codestream) -> NDArray[Any]:
    """Return the pixels of a code stream, decoded in a sandbox process.

    Parameters
    ----------
    stream
        One grey frame: JPEG, JPEG-LS or JPEG 2000.
    header
        Its frame header.

    Returns
    -------
    NDArray
        Unsigned words (height, width) of 8 or 16 bits; bits above the precision are 0.

    Raises
    ------
    DecoderFailed
        If the sandbox fails for any reason.
    """
    # A sandbox may not start processes, and it is limited already.
    if inside_sandbox():
        begin_stage("pixels")
        decoded = decode_stream(stream, header)
        begin_stage("image")
        return decoded
    try:
        # The size is checked by reshape: the sandbox is not trusted.
        content = POOL.run("decode", asdict(header), stream).part(0)
        words = np.frombuffer(content, "<u1" if header.precision <= 8 else "<u2")
        return words.reshape(header.height, header.width).copy()
    except (Refusal, SandboxFailed, SandboxBusy, SandboxBroken, ValueError) as error:
        raise DecoderFailed from error


def decode_task(job: Job) -> dict[str, Any]:
    """Decode the code stream in the job's file; the sandbox side of `decode_in_sandbox`."""
    decoded = decode_stream(job.read(), Codestream(**job.request))
    job.write(np.ascontiguousarray(decoded).data)
    return {}


def decode_stream(stream: bytes, header: Codestream) -> NDArray[Any]:
    """Return the unsigned words (height, width) of a code stream, decoded in this process."""
    if header.kind == "jpeg-ls":
        buffer, _ = jpeg_ls.decode_pixel_data(stream)
        content = bytes(buffer)
    else:
        content = _decode_by_gdcm(stream, header)
    words = np.frombuffer(content, "<u1" if header.precision <= 8 else "<u2")
    # Decoders may leave the unused upper bits set.
    used = np.array(2**header.precision - 1, words.dtype)
    decoded: NDArray[Any] = (words & used).reshape(header.height, header.width)
    return decoded


def _decode_by_gdcm(stream: bytes, header: Codestream) -> bytes:
    """Return the samples as gdcm decodes them.

    gdcm is called directly, because pydicom does not use it for 12-bit JPEG. The depth is that of
    the code stream: with a smaller BitsStored, gdcm would truncate values.
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
    # The Python binding of gdcm returns bytes as text in this encoding.
    return buffer.encode("utf-8", "surrogateescape")
