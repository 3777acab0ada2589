"""How a GPU computes convolutions; on a processor nothing here has an effect."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch


def convolutions(*, tf32: bool, tried: bool = False) -> AbstractContextManager[None]:
    """While this lasts, with factors of 32 bits, or with ``tf32`` rounded to 10 bits of fraction.

    Where every batch has the same size, it pays to have all algorithms ``tried`` at the first one.
    cuDNN must be asked for by name: torch's own context leaves it out otherwise.
    """
    flags: AbstractContextManager[None] = torch.backends.cudnn.flags(
        enabled=True, benchmark=tried, allow_tf32=tf32
    )
    return flags
