"""Extract the samples from the words of pixel data (PS3.5 8.1.1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Layout:
    """Position of the sample in a word.

    Attributes
    ----------
    word_bits
        Bits per word: BitsAllocated, or the precision of a code stream.
    bits
        BitsStored.
    high_bit
        HighBit, the position of the sample's most significant bit.
    signed
        Whether samples are two's complement.
    overlay
        Whether the header declares an overlay in the unused bits.
    """

    word_bits: int
    bits: int
    high_bit: int
    signed: bool
    overlay: bool = False

    @property
    def shift(self) -> int:
        """Number of bits below the sample."""
        # The words of a code stream can be narrower than HighBit; then the samples are already
        # shifted.
        fits = self.high_bit < self.word_bits
        return max(0, self.high_bit - self.bits + 1) if fits else 0


def whole_words(words: NDArray[Any], layout: Layout) -> NDArray[Any]:
    """Return words as numbers, using all bits."""
    return _extended(words, layout.word_bits) if layout.signed else words


def effective_layout(
    words: NDArray[Any], layout: Layout, padding: NDArray[np.bool_] | None
) -> Layout:
    """Return the layout with the samples in the low bits if HighBit wrongly places them higher.

    Samples are not shifted, whatever HighBit states, if they are unsigned, use the low bits and
    none of the upper ones. ``padding`` is the mask of words without a sample.
    """
    if not layout.shift or layout.signed:
        return layout
    image = words if padding is None else words[~padding]
    below = np.array((1 << layout.shift) - 1, words.dtype)
    fills = int(image.max()) < 1 << layout.bits and bool(np.any(image & below))
    return replace(layout, high_bit=layout.bits - 1) if fills else layout


def sample_values(
    words: NDArray[Any], layout: Layout, padding: NDArray[np.bool_] | None = None
) -> NDArray[Any]:
    """Return the samples in words, as integers (rows, columns).

    Parameters
    ----------
    words
        Unsigned words (rows, columns).
    layout
        Position of the samples, from `effective_layout`.
    padding
        Mask of words without a sample, which are returned unchanged.

    Notes
    -----
    Unused bits may contain an overlay, the sign or nothing, and the standard allows readers to
    ignore them. However, BitsStored may be too small: Hologic writes 0 to 4096 with 12 bits. Bits
    beyond BitsStored therefore belong to the sample if its only larger value is 2^BitsStored, or if
    the image is smoother with them than without, because truncated values as well as overlays
    produce edges.
    """
    if layout.shift:
        words = words >> layout.shift
    bits = min(layout.bits, layout.word_bits)
    within = words & np.array(2**bits - 1, words.dtype)
    if layout.signed:
        within = _extended(within, bits)
    whole = whole_words(words, layout)
    if layout.shift or layout.overlay or bits == layout.word_bits:
        samples: NDArray[Any] = within
    else:
        samples = _likelier(within, whole, bits, layout.signed, padding)
    if padding is not None:
        samples = np.where(padding, whole, samples)
    return samples


def bits_needed(samples: NDArray[Any]) -> int:
    """Return the number of bits that the samples need, including the sign."""
    low, high = int(samples.min()), int(samples.max())
    if low >= 0 and samples.dtype.kind == "u":
        return max(1, high.bit_length())
    return max(high.bit_length(), (-low - 1).bit_length() if low < 0 else 0) + 1


def _likelier(
    within: NDArray[Any],
    whole: NDArray[Any],
    bits: int,
    signed: bool,
    padding: NDArray[np.bool_] | None,
) -> NDArray[Any]:
    """Return the samples of BitsStored bits, or the whole words if they are more plausible."""
    differs = within != whole
    if padding is not None:
        differs &= ~padding
    if not differs.any():
        return within
    # The Hologic case: saturated pixels of exactly 2^BitsStored.
    if not signed and np.all(whole[differs] == 2**bits):
        return whole
    return whole if _roughness(whole, padding) < _roughness(within, padding) else within


def _roughness(values: NDArray[Any], padding: NDArray[np.bool_] | None) -> int:
    """Return the sum of absolute differences between neighbouring pixels."""
    # Differences of unsigned integers would wrap around.
    wide = values.astype(np.int64)
    known = np.ones(wide.shape, bool) if padding is None else ~padding
    across = np.abs(np.diff(wide, axis=1)) * (known[:, 1:] & known[:, :-1])
    down = np.abs(np.diff(wide, axis=0)) * (known[1:] & known[:-1])
    return int(across.sum()) + int(down.sum())


def _extended(words: NDArray[Any], bits: int) -> NDArray[Any]:
    """Return numbers in two's complement of `bits` bits, in words of the same size."""
    signed = words.view(np.dtype(f"i{words.dtype.itemsize}"))
    unused = words.dtype.itemsize * 8 - bits
    # An arithmetic shift to the right copies the sign bit into the unused bits.
    return (signed << unused) >> unused
