"""Compressed pixels are decoded in a process of their own.

The JPEG family's decoders are C and C++ libraries; a crafted stream was seen to end the process
that they run in (gdcm, by an exception that nobody catches). Here that is a child with limits on
memory and time, given the code stream and the few numbers that describe it, and nothing of the
file's header.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

import gdcm
import jpeg_ls
import numpy as np
from numpy.typing import NDArray

from inference.dicom.codestream import Codestream

SECONDS = 120
MEMORY_BYTES = 4 * 1024**3
GDCM_SYNTAXES = {
    ("jpeg", 8): gdcm.TransferSyntax.JPEGBaselineProcess1,
    ("jpeg", 16): gdcm.TransferSyntax.JPEGExtendedProcess2_4,
    ("jpeg-lossless", 8): gdcm.TransferSyntax.JPEGLosslessProcess14,
    ("jpeg-lossless", 16): gdcm.TransferSyntax.JPEGLosslessProcess14,
    ("jpeg2000", 8): gdcm.TransferSyntax.JPEG2000,
    ("jpeg2000", 16): gdcm.TransferSyntax.JPEG2000,
}

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG", "SYSTEMROOT")
"""All that the child learns of this process's environment, which holds secrets."""


class DecoderFailed(Exception):
    """The child could not decode the stream, was too slow, or died of it."""


def decode_apart(stream: bytes, header: Codestream) -> NDArray[Any]:
    """Decode a code stream in a child process.

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
        Whatever the child died of.
    """
    question = json.dumps(asdict(header)).encode() + b"\n" + stream
    try:
        done = subprocess.run(
            [sys.executable, "-m", "inference.dicom.decoder_sandbox"],
            input=question,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            cwd=Path(__file__).resolve().parent.parent,
            env={
                **ONE_THREAD,
                **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
            },
            check=True,
        )
        decoded: NDArray[Any] = np.load(BytesIO(done.stdout), allow_pickle=False)
    except (subprocess.SubprocessError, ValueError, EOFError, OSError) as error:
        raise DecoderFailed from error
    if decoded.shape != (header.height, header.width):
        raise DecoderFailed
    return decoded


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


def _limit_this_process() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _main() -> None:
    _limit_this_process()
    # The C libraries may write to standard output: keep it for the answer alone.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    header = Codestream(**json.loads(sys.stdin.buffer.readline()))
    decoded = BytesIO()
    np.save(decoded, decode_stream(sys.stdin.buffer.read(), header), allow_pickle=False)
    with answer:
        answer.write(decoded.getvalue())


if __name__ == "__main__":
    _main()
