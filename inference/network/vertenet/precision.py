"""Numerical precision of torch on the available hardware."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch


def convolution_flags(*, tf32: bool, benchmark: bool = False) -> AbstractContextManager[None]:
    """Return a context that sets how cuDNN computes convolutions.

    Parameters
    ----------
    tf32
        Whether a GPU may round factors to TensorFloat-32 (10 bits of fraction) instead of 32 bits.
    benchmark
        Whether to try all algorithms on the first batch and use the fastest one; this pays off
        where every batch has the same size.
    """
    # cuDNN must be enabled explicitly: the context of torch disables it by default.
    flags: AbstractContextManager[None] = torch.backends.cudnn.flags(
        enabled=True, benchmark=benchmark, allow_tf32=tf32
    )
    return flags


def benefits_from_bf16(device: torch.device) -> bool:
    """Return whether bf16 saves time on a device.

    A CPU without bf16 instructions is slower in bf16 than in 32 bits: on an AMD Zen 3, a training
    step took over three times as long.
    """
    if device.type != "cpu":
        return True
    capabilities = torch.cpu.get_capabilities()
    return any(bool(capabilities.get(name)) for name in ("amx_bf16", "avx512_bf16", "bf16"))
