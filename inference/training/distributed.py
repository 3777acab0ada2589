"""Training with one or several processes.

Each process computes its part of a batch. Results and targets are then gathered, so that every
process computes the loss of the whole batch, including its random jitter and normalisation, and the
gradients equal those of a single process. Batch norm statistics are also those of the whole batch.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.functional import batch_norm

from inference.network.vertenet.network import VerteNet


@dataclass(frozen=True, slots=True)
class Group:
    """Position of this process among those that train together.

    Attributes
    ----------
    device
        Device of this process.
    rank, world
        Index of this process, and number of processes.
    """

    device: torch.device
    rank: int = 0
    world: int = 1

    @property
    def is_leader(self) -> bool:
        """Whether this process writes files and validates."""
        return self.rank == 0


def join_group(*, on_cpu: bool = False) -> Group:
    """Join the processes that torchrun has started, or return a group of one.

    Parameters
    ----------
    on_cpu
        Whether to use the CPU even if there is a GPU.
    """
    gpu = torch.cuda.is_available() and not on_cpu
    local = int(os.environ.get("LOCAL_RANK", "0"))
    device = torch.device("cuda", local) if gpu else torch.device("cpu")
    if "WORLD_SIZE" not in os.environ:
        return Group(device)
    if gpu:
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if gpu else "gloo")
    return Group(device, dist.get_rank(), dist.get_world_size())


def leave_group() -> None:
    """Leave the group that :func:`join_group` joined, if any."""
    if dist.is_initialized():
        dist.destroy_process_group()


def synchronize_network(network: VerteNet, group: Group) -> None:
    """Copy the weights of the leader to all processes, and synchronise batch norms."""
    if group.world == 1:
        return
    for module in network.modules():
        if type(module) is nn.BatchNorm2d:
            module.__class__ = SharedBatchNorm
    for tensor in network.state_dict().values():
        dist.broadcast(tensor, 0)


def sum_gradients(network: VerteNet, group: Group) -> None:
    """Sum the gradients of all processes, each of which has those of its part of the batch."""
    if group.world == 1:
        return
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    # One call for all gradients is faster than one call for each.
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    parts = torch.split(flat, [gradient.numel() for gradient in gradients])
    for gradient, part in zip(gradients, parts, strict=True):
        gradient.copy_(part.view_as(gradient))


def gather_results(result: dict[str, Tensor], group: Group) -> dict[str, Tensor]:
    """Return the results of all processes in batch order; gradients flow to those of this one."""
    if group.world == 1:
        return result
    return {name: _Gather.apply(value, group) for name, value in result.items()}  # type: ignore[no-untyped-call]


def gather_batch(batch: dict[str, Tensor], group: Group) -> dict[str, Tensor]:
    """Return the targets of all processes in batch order."""
    if group.world == 1:
        return batch
    gathered = {}
    for name, value in batch.items():
        # Not every backend can gather Boolean tensors.
        flat = value.to(torch.uint8) if value.dtype == torch.bool else value
        gathered[name] = torch.cat(_all_gather(flat, group)).to(value.dtype)
    return gathered


class SharedBatchNorm(nn.BatchNorm2d):
    """Batch norm over the maps of all processes.

    ``torch.nn.SyncBatchNorm`` works on GPUs only.
    """

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return batch_norm(
                x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
        wide = x.float()
        count = x.numel() // x.shape[1] * dist.get_world_size()
        # In 32 bits and around the mean, since sums of squares lose digits in 16.
        mean = _Sum.apply(wide.sum((0, 2, 3))) / count  # type: ignore[no-untyped-call]
        centred = wide - mean.view(1, -1, 1, 1)
        variance = _Sum.apply((centred * centred).sum((0, 2, 3))) / count  # type: ignore[no-untyped-call]
        with torch.no_grad():
            # Running statistics use the unbiased variance, as in torch.
            self._update_statistics(mean, variance * (count / max(count - 1, 1)))
        scale = self.weight * torch.rsqrt(variance + self.eps)
        out: Tensor = centred * scale.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)
        return out.to(x.dtype)

    def _update_statistics(self, mean: Tensor, variance: Tensor) -> None:
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        share = 0.1 if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(variance, share)
        self.num_batches_tracked.add_(1)


class _Gather(torch.autograd.Function):
    """Concatenate over processes; backward returns the gradient of this process only."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, group: Group) -> Tensor:
        ctx.group, ctx.count = group, value.shape[0]
        return torch.cat(_all_gather(value, group))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        start = ctx.group.rank * ctx.count
        return gradient[start : start + ctx.count], None


class _Sum(torch.autograd.Function):
    """Sum over processes; the gradients of all processes are also summed."""

    @staticmethod
    def forward(ctx: Any, value: Tensor) -> Tensor:
        return _Sum._over_processes(value)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return _Sum._over_processes(gradient)

    @staticmethod
    def _over_processes(value: Tensor) -> Tensor:
        total = value.detach().clone()
        dist.all_reduce(total)
        return total


def _all_gather(value: Tensor, group: Group) -> list[Tensor]:
    value = value.detach().contiguous()
    parts = [torch.empty_like(value) for _ in range(group.world)]
    dist.all_gather(parts, value)
    return parts
