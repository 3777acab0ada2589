"""Attainable rate of the machine, and number of operations of a forward pass."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from inference.bench.timing import alternate

SIDE = 1536
"""Side of the square matrices: large enough to be compute-bound, small enough for the caches."""
CHANNELS, MAP = 384, (48, 32)
"""Channels and map size of a 3x3 convolution, which is also a matrix product.

oneDNN computes convolutions, whereas matrix products of torch may use a library that is not
optimised for this processor."""


def attainable_gflops(rounds: int) -> dict[str, float]:
    """Return the best measured rate of matrix products by number format.

    Rates are computed from processor time, which other processes on the machine affect least.

    Returns
    -------
    dict
        10^9 operations per second by number format; formats that this build of torch cannot
        multiply are left out.
    """
    # Random factors, because products of zeros may be faster.
    torch.manual_seed(0)
    a, b = torch.randn(2, SIDE, SIDE)
    short = a.bfloat16(), b.bfloat16()
    whole = a.mul(20).to(torch.int8), b.mul(20).to(torch.int8)
    # numpy and torch use different libraries for products; the faster one counts.
    arrays = a.numpy(), b.numpy()
    grid = torch.randn(1, CHANNELS, *MAP).contiguous(memory_format=torch.channels_last)
    taps = torch.randn(CHANNELS, CHANNELS, 3, 3).contiguous(memory_format=torch.channels_last)
    shorter = grid.bfloat16(), taps.bfloat16()
    # Multiplication and addition count as two operations.
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
    runs = {str(index): run for index, (_, _, run) in enumerate(products) if _works(run)}
    best: dict[str, float] = {}
    with torch.inference_mode():
        times = alternate(runs, rounds)
    for index, durations in times.items():
        kind, work, _ = products[int(index)]
        # The fastest round is the one least disturbed by other processes.
        rate = work / min(durations.processor) / 1e9 * torch.get_num_threads()
        best[kind] = max(rate, best.get(kind, 0.0))
    return best


def count_gflop(network: nn.Module, *inputs: Tensor) -> float:
    """Return the operations of one forward pass, in units of 10^9.

    Each multiplication of a convolution or matrix product counts as two operations.
    """
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
