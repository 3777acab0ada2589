"""Words to samples: which bits of a pixel's word are its value (PS3.5 8.1.1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a word holds its sample.

    Attributes
    ----------
    word_bits
        Bits of a word: BitsAllocated, or the precision of a code stream.
    bits
        BitsStored.
    high_bit
        HighBit, the position of the sample's most significant bit.
    signed
        Whether samples are two's complement.
    overlay
        Whether the header places an overlay in the unused bits.
    """

    word_bits: int
    bits: int
    high_bit: int
    signed: bool
    overlay: bool = False

    @property
    def shift(self) -> int:
        """How far above the lowest bit the sample starts."""
        fits = self.high_bit < self.word_bits
        return max(0, self.high_bit - self.bits + 1) if fits else 0


def whole_words(words: NDArray[Any], layout: Layout) -> NDArray[Any]:
    """Return words as numbers, with every bit counted."""
    return _extended(words, layout.word_bits) if layout.signed else words


def sample_values(
    words: NDArray[Any], layout: Layout, apart: NDArray[np.bool_] | None = None
) -> NDArray[Any]:
    """Return the samples in words.

    Parameters
    ----------
    words
        Unsigned words (rows, columns).
    layout
        Where they hold their samples.
    apart
        Words that hold no sample (padding); these are returned as they are.

    Notes
    -----
    The unused bits may hold an overlay, or the sign, or nothing, and the standard lets a reader
    ignore them. But a header may also say too little: Hologic writes 0 to 4096 and 12 bits. Bits
    beyond BitsStored therefore belong to the sample where the highest one says 2^BitsStored and
    nothing more, or where the image is smoother with them than without: a value cut off at
    BitsStored leaves an edge, and so does an overlay that is counted. Likewise samples are not
    moved down, whatever HighBit says, where they use the low bits and none of the upper ones.
    """
    if layout.shift and _fill_the_low_bits(words, layout):
        layout = replace(layout, high_bit=layout.bits - 1)
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
        samples = _likelier(within, whole, bits, layout.signed, apart)
    if apart is not None:
        samples = np.where(apart, whole, samples)
    return samples


def bits_needed(samples: NDArray[Any]) -> int:
    """Return how many bits the largest of the samples takes, their sign included."""
    low, high = int(samples.min()), int(samples.max())
    if low >= 0 and samples.dtype.kind == "u":
        return max(1, high.bit_length())
    return max(high.bit_length(), (-low - 1).bit_length() if low < 0 else 0) + 1


def _fill_the_low_bits(words: NDArray[Any], layout: Layout) -> bool:
    """Whether unsigned samples lie in the low bits although HighBit puts them higher."""
    below = np.array((1 << layout.shift) - 1, words.dtype)
    return not layout.signed and int(words.max()) < 1 << layout.bits and bool(np.any(words & below))


def _likelier(
    within: NDArray[Any],
    whole: NDArray[Any],
    bits: int,
    signed: bool,
    apart: NDArray[np.bool_] | None,
) -> NDArray[Any]:
    """The samples of BitsStored bits, or the whole words where these are meant."""
    differs = within != whole
    if apart is not None:
        differs &= ~apart
    if not differs.any():
        return within
    if not signed and np.all(whole[differs] == 2**bits):
        return whole
    return whole if _roughness(whole, apart) < _roughness(within, apart) else within


def _roughness(values: NDArray[Any], apart: NDArray[np.bool_] | None) -> int:
    """The sum of the differences between neighbours."""
    wide = values.astype(np.int64)
    known = np.ones(wide.shape, bool) if apart is None else ~apart
    across = np.abs(np.diff(wide, axis=1)) * (known[:, 1:] & known[:, :-1])
    down = np.abs(np.diff(wide, axis=0)) * (known[1:] & known[:-1])
    return int(across.sum()) + int(down.sum())


def _extended(words: NDArray[Any], bits: int) -> NDArray[Any]:
    """Two's complement of `bits` bits, in words of the same size."""
    signed = words.view(np.dtype(f"i{words.dtype.itemsize}"))
    unused = words.dtype.itemsize * 8 - bits
    return (signed << unused) >> unused
