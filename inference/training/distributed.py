"""One process or several: who takes part in a training, and how they agree.

Every process sees its part of each batch, all judge the whole: what the networks answered is
gathered, so that the loss and its gradient are those of one process with that batch, jitter and
normalisation included. Batch norms count over all of it.
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
    """This process among those that train together."""

    device: torch.device
    rank: int = 0
    world: int = 1

    @property
    def is_leader(self) -> bool:
        """Whether it is the one that writes files and measures."""
        return self.rank == 0


def join_group(*, on_cpu: bool = False) -> Group:
    """As torchrun started this process; by itself otherwise. A GPU is used where there is one."""
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
    """End what :func:`join_group` began."""
    if dist.is_initialized():
        dist.destroy_process_group()


def synchronize_network(network: VerteNet, group: Group) -> None:
    """Give every process the leader's weights, and let batch norms count over all processes."""
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
    found = [p.grad for p in network.parameters() if p.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in found])
    dist.all_reduce(flat)
    parts = torch.split(flat, [gradient.numel() for gradient in found])
    for gradient, part in zip(found, parts, strict=True):
        gradient.copy_(part.view_as(gradient))


def gather_results(result: dict[str, Tensor], group: Group) -> dict[str, Tensor]:
    """The answers of all processes, in the order of the batch; gradients flow to one's own."""
    if group.world == 1:
        return result
    return {name: _Gather.apply(value, group) for name, value in result.items()}  # type: ignore[no-untyped-call]


def gather_batch(batch: dict[str, Tensor], group: Group) -> dict[str, Tensor]:
    """The targets of all processes, in the order of the batch."""
    if group.world == 1:
        return batch
    found = {}
    for name, value in batch.items():
        flat = value.to(torch.uint8) if value.dtype == torch.bool else value
        found[name] = torch.cat(_gathered(flat, group)).to(value.dtype)
    return found


class SharedBatchNorm(nn.BatchNorm2d):
    """A batch norm whose mean and variance in training are those of all processes' maps.

    torch's own one for several processes works on GPUs alone.
    """

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return batch_norm(
                x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
        wide = x.float()
        count = x.numel() // x.shape[1] * dist.get_world_size()
        mean = _Sum.apply(wide.sum((0, 2, 3))) / count  # type: ignore[no-untyped-call]
        centred = wide - mean.view(1, -1, 1, 1)
        variance = _Sum.apply((centred * centred).sum((0, 2, 3))) / count  # type: ignore[no-untyped-call]
        with torch.no_grad():
            self._remember(mean, variance * (count / max(count - 1, 1)))
        scale = self.weight * torch.rsqrt(variance + self.eps)
        out: Tensor = centred * scale.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)
        return out.to(x.dtype)

    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        share = 0.1 if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(variance, share)
        self.num_batches_tracked.add_(1)


class _Gather(torch.autograd.Function):
    """Concatenation over the processes; each computes the same loss from it."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, group: Group) -> Tensor:
        ctx.group, ctx.count = group, value.shape[0]
        return torch.cat(_gathered(value, group))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        start = ctx.group.rank * ctx.count
        return gradient[start : start + ctx.count], None


class _Sum(torch.autograd.Function):
    """Sum over the processes; so is its gradient, for each has its own part of the loss."""

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


def _gathered(value: Tensor, group: Group) -> list[Tensor]:
    value = value.detach().contiguous()
    parts = [torch.empty_like(value) for _ in range(group.world)]
    dist.all_gather(parts, value)
    return parts
