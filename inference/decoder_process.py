"""Compressed pixels are decoded in a process of their own.

The JPEG family's decoders are C and C++ libraries; a crafted stream was seen to end the process
that they run in (gdcm, by an exception that nobody catches). Here that is a child with limits on
memory and time, given the pixels and the few numbers that describe them, and nothing of the rest
of the header.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID, SecondaryCaptureImageStorage

SECONDS = 120
MEMORY_BYTES = 4 * 1024**3
DESCRIPTION = (
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
)


ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG", "SYSTEMROOT")
"""All that the child learns of this process's environment, which holds secrets."""


class DecoderFailed(Exception):
    """The child could not decode the stream, was too slow, or died of it."""


def decode_apart(dataset: Dataset, syntax: UID) -> NDArray[Any]:
    """The stored values (rows, columns) of the first frame, decoded by a child process.

    Raises
    ------
    DecoderFailed
        Whatever the child died of.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "inference.decoder_process"],
            input=_bare_file(dataset, syntax),
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
    return decoded


def _bare_file(dataset: Dataset, syntax: UID) -> bytes:
    bare = Dataset()
    for keyword in DESCRIPTION:
        if keyword in dataset:
            setattr(bare, keyword, int(dataset[keyword].value))
    bare.SamplesPerPixel, bare.PhotometricInterpretation = 1, "MONOCHROME2"
    bare.SOPClassUID, bare.SOPInstanceUID = SecondaryCaptureImageStorage, "2.25.1"
    bare.add_new("PixelData", "OB", dataset.PixelData)
    bare["PixelData"].is_undefined_length = True
    bare.file_meta = FileMetaDataset()
    bare.file_meta.TransferSyntaxUID = syntax
    out = BytesIO()
    dcmwrite(out, bare, enforce_file_format=True)
    return out.getvalue()


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
    dataset = dcmread(BytesIO(sys.stdin.buffer.read()))
    decoded = BytesIO()
    np.save(decoded, pixel_array(dataset, index=0, raw=True), allow_pickle=False)
    with answer:
        answer.write(decoded.getvalue())


if __name__ == "__main__":
    _main()
