"""In how many bits a machine had best compute."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch


def convolutions(*, tf32: bool, tried: bool = False) -> AbstractContextManager[None]:
    """While this lasts, a GPU takes factors in 32 bits, or with ``tf32`` with 10 bits of fraction.

    Where every batch has the same size, it pays to have all algorithms ``tried`` at the first one.
    cuDNN must be asked for by name: torch's own context leaves it out otherwise.
    """
    flags: AbstractContextManager[None] = torch.backends.cudnn.flags(
        enabled=True, benchmark=tried, allow_tf32=tf32
    )
    return flags


def gains_by_bf16(device: torch.device) -> bool:
    """Whether 16 bits save time: a processor without such instructions takes longer than with 32.

    On one without them (AMD, Zen 3) a training step took over three times as long.
    """
    if device.type != "cpu":
        return True
    able = torch.cpu.get_capabilities()
    return any(bool(able.get(name)) for name in ("amx_bf16", "avx512_bf16", "bf16"))
