"""What the machine could do at best, and how much work a forward pass is."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from inference.bench.timing import alternate

SIDE = 1536
"""Of the square matrices: large enough to be bound by arithmetic, small enough for the caches."""
CHANNELS, MAP = 384, (48, 32)
"""Of a 3x3 convolution, which is such a product too, and which oneDNN computes where torch's own
products go to a library that may not know the processor."""


def attainable_gflops(rounds: int) -> dict[str, float]:
    """GFLOP/s of matrix products by kind of number: the best of the ways at hand.

    Processor time is the measure, so that others on the machine do not lower the roof; a kind
    that this build of torch cannot multiply is left out.
    """
    torch.manual_seed(0)
    a, b = torch.randn(2, SIDE, SIDE)
    short = a.bfloat16(), b.bfloat16()
    whole = a.mul(20).to(torch.int8), b.mul(20).to(torch.int8)
    arrays = a.numpy(), b.numpy()
    grid = torch.randn(1, CHANNELS, *MAP).contiguous(memory_format=torch.channels_last)
    taps = torch.randn(CHANNELS, CHANNELS, 3, 3).contiguous(memory_format=torch.channels_last)
    shorter = grid.bfloat16(), taps.bfloat16()
    square = 2 * SIDE**3
    convolution = 2 * 9 * CHANNELS**2 * MAP[0] * MAP[1]
    products: list[tuple[str, float, Callable[[], object]]] = [
        ("f32", square, lambda: a @ b),
        ("f32", square, lambda: arrays[0] @ arrays[1]),
        ("f32", convolution, lambda: functional.conv2d(grid, taps, padding=1)),
        ("bf16", square, lambda: short[0] @ short[1]),
        ("bf16", convolution, lambda: functional.conv2d(*shorter, padding=1)),
        ("int8", square, lambda: torch._int_mm(*whole)),
    ]
    able = {str(place): run for place, (_, _, run) in enumerate(products) if _works(run)}
    best: dict[str, float] = {}
    with torch.inference_mode():
        times = alternate(able, rounds)
    for place, taken in times.items():
        kind, work, _ = products[int(place)]
        rate = work / min(taken.processor) / 1e9 * torch.get_num_threads()
        best[kind] = max(rate, best.get(kind, 0.0))
    return best


def count_gflop(network: nn.Module, *inputs: Tensor) -> float:
    """Work of one forward pass: two for each multiplication of convolutions and matrices."""
    counter = FlopCounterMode(display=False)
    with torch.inference_mode(), counter:
        network(*inputs)
    return counter.get_total_flops() / 1e9


def _works(run: Callable[[], object]) -> bool:
    try:
        run()
    except (RuntimeError, NotImplementedError):
        return False
    return True
