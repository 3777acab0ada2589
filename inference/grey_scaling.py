"""Scale grey values to [0, 1]."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

DEPTHS = (8, 10, 12, 14, 16)
"""Bit depths that grey values are scaled by."""


def scale_grey(
    values: NDArray[Any], *, bits_stored: int | None = None, inverted: bool = False
) -> tuple[NDArray[np.float32], dict[str, Any]]:
    """Return grey values scaled to [0, 1], consistently for all images of a scanner.

    Parameters
    ----------
    values
        Modality values.
    bits_stored
        Upper limit for the depth, if the values are the stored ones.
    inverted
        Whether low values represent dense tissue.

    Returns
    -------
    pixels
        float32 in [0, 1], brighter is denser.
    scaling
        How the values were scaled; `note` is a text if their own range was used.

    Notes
    -----
    Values are divided by 2^n - 1, where n is the smallest of 8, 10, 12, 14 and 16 with all values
    below 2^n, limited to `bits_stored`. A value of exactly 2^n is clipped, because Hologic writes 0
    to 4096. Fractional or negative values and those beyond 16 bits are scaled by their own range.

    Examples
    --------
    >>> import numpy as np
    >>> scale_grey(np.array([[0, 2048, 4096]]))[1]["bits"]
    12
    """
    low, high = float(values.min()), float(values.max())
    bits, offset, note = next((n for n in DEPTHS if high <= 2**n), None), 0.0, ""
    # Values without a known depth cannot be compared between images.
    if bits is None or low < 0 or values.dtype.kind == "f":
        bits, offset = None, low
        note = f"scaled by the image's own range, {low:.6g} to {high:.6g}"
    elif bits_stored is not None:
        bits = min(bits, bits_stored)
    divisor = (high - low or 1.0) if bits is None else float(2**bits - 1)
    if bits is None:
        scaled = ((values - offset) / divisor).astype(np.float32)
    else:
        scaled = values.astype(np.float32) / np.float32(divisor)
    clipped = int(np.count_nonzero(scaled > 1))
    pixels = np.clip(scaled, 0, 1, out=scaled)
    if inverted:
        pixels = np.subtract(np.float32(1), pixels, out=pixels)
    scaling = {
        "bits": bits,
        "divisor": divisor,
        "offset": offset,
        "clipped": clipped,
        "inverted": inverted,
        "note": note,
    }
    return pixels, scaling
