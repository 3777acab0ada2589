"""Trainer: network, optimiser, weight average, and the saved state of a run."""

from __future__ import annotations

import copy
import io
import time
from pathlib import Path
from typing import Any, Final, Literal

import torch
from torch import Tensor, nn

from inference.decoding.corners import CORNER_STRIDE
from inference.network.checkpoint import save_checkpoint
from inference.network.vertenet.encoder import Encoder
from inference.network.vertenet.network import VerteNet, input_tensor
from inference.network.vertenet.precision import convolution_flags
from inference.training.distributed import (
    Group,
    gather_batch,
    gather_results,
    sum_gradients,
    synchronize_network,
)
from inference.training.objectives import REFINED, compute_loss
from inference.training.recipes import Frozen, TrainingRecipe
from inference.training.settings import Settings, rate_at

STATE = "state.pt"
LABEL_HEADS: Final = ("level", "image")
"""Heads that are frozen together with the labels of bodies."""

Layout = Literal["channels-last", "channels-first"]
LAYOUTS: Final[dict[Layout, torch.memory_format]] = {
    "channels-last": torch.channels_last,
    "channels-first": torch.contiguous_format,
}

Pair = tuple[list[Tensor], list[Tensor]]


class RunMismatch(Exception):
    """Raised when a folder contains a run with other settings."""


class Trainer:
    """State of a training run, which can be saved and resumed exactly.

    Parameters
    ----------
    network
        The network to train; it is moved to the device of the group.
    settings
        Settings of the run.
    group
        Processes that train together.
    layout
        Memory format of maps, which affects only the speed.

    Attributes
    ----------
    average
        Running average of the network, which is validated and saved.
    step, seconds
        Number of completed steps, and time spent on them.
    score
        Lowest validation error so far.
    """

    def __init__(
        self,
        network: VerteNet,
        settings: Settings,
        group: Group,
        layout: Layout = "channels-last",
    ) -> None:
        torch.manual_seed(settings.seed)
        self.network, self.settings, self.group = network.to(group.device), settings, group
        recipe = settings.recipe
        freeze(network, recipe.frozen)
        synchronize_network(network, group)
        self._layout = LAYOUTS[layout]
        network.to(memory_format=self._layout)  # type: ignore[call-overload]
        # After synchronisation, so that all processes begin with the same average.
        self.average = copy.deepcopy(network).requires_grad_(False).eval()
        self._average_pairs = _pair_tensors(self.average, network)
        trained = [p for p in network.parameters() if p.requires_grad]
        self.optimizer = _optimizer(trained, recipe, group.device)
        self.step = 0
        self.seconds = 0.0
        self.score: float | None = None

    @property
    def fraction_done(self) -> float:
        """Completed share of the run, by steps or by minutes, whichever is larger."""
        by_step = self.step / self.settings.steps
        if self.settings.minutes is None:
            return min(1.0, by_step)
        return min(1.0, max(by_step, self.seconds / 60 / self.settings.minutes))

    @property
    def rate(self) -> float:
        """Learning rate of the next step."""
        return rate_at(self.step, self.fraction_done, self.settings)

    def train_on(self, batch: dict[str, Tensor]) -> dict[str, float]:
        """Train on one batch.

        Parameters
        ----------
        batch
            Targets of the part of the batch that belongs to this process.

        Returns
        -------
        dict
            Parts of the loss of the whole batch.
        """
        started = time.monotonic()
        recipe, config = self.settings.recipe, self.settings.config
        set_training(self.network, recipe)
        for parameters in self.optimizer.param_groups:
            parameters["lr"] = self.rate
        device = self.group.device
        # Transfers overlap with computation if the batch is in pinned memory.
        batch = {name: value.to(device, non_blocking=True) for name, value in batch.items()}
        grey = input_tensor(config, batch.pop("grey"))
        grey = grey.contiguous(memory_format=self._layout)
        bf16 = recipe.precision == "bf16"
        with convolution_flags(tf32=recipe.precision != "f32", benchmark=True):
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16):
                output = self._results(grey, batch)
            # The loss is computed on the whole batch in every process, so that its means are those
            # of one process.
            result = gather_results({n: value.float() for n, value in output.items()}, self.group)
            parts = compute_loss(config, result, gather_batch(batch, self.group))
            self.optimizer.zero_grad(set_to_none=True)
            # A batch without bodies teaches the second stage nothing.
            if parts["total"].requires_grad:
                parts["total"].backward()  # type: ignore[no-untyped-call]
        sum_gradients(self.network, self.group)
        # After the sum over processes, or each would clip other gradients.
        if recipe.clip:
            nn.utils.clip_grad_norm_(self.network.parameters(), recipe.clip)
        self.optimizer.step()
        self.step += 1
        self._update_average()
        # Read in one transfer, since each one waits for the GPU.
        losses: list[float] = torch.stack([part.detach() for part in parts.values()]).tolist()
        self.seconds += time.monotonic() - started
        return dict(zip(parts, losses, strict=True))

    def _results(self, grey: Tensor, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the maps of the stages that are trained."""
        first_stage_frozen = self.settings.recipe.frozen == "first stage"
        output = {} if first_stage_frozen else dict(self.network(grey))
        if "patches" in batch:
            patches = batch["patches"]
            # Empty ones would enter the statistics of the batch norms.
            used = batch["patch_known"].any(dim=2)
            side = patches.shape[-1] // CORNER_STRIDE
            maps = patches.new_zeros(*patches.shape[:2], 4, side, side)
            if bool(used.any()):
                maps[used] = self.network.refine(patches[used]).float()
            output[REFINED] = maps
        return output

    def save_weights(self, path: Path) -> None:
        """Write the averaged network as a weights file.

        The file is replaced atomically, so that it is always complete.
        """
        temporary = path.with_name(f"new-{path.name}")
        about = self.settings.about(self.step)
        save_checkpoint(temporary, self.average, about, bits=self.settings.recipe.bits)
        temporary.replace(path)

    def save_state(self, folder: Path) -> None:
        """Write the state that :meth:`resume` reads; the file is replaced atomically."""
        state = {
            "settings": self.settings.to_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "score": self.score,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            # The loss draws random jitter, which must continue unchanged after a resumption.
            "random": torch.get_rng_state(),
        }
        temporary = folder / f"{STATE}.new"
        # Written by Python, because torch reports a full disk as a RuntimeError without its cause.
        content = io.BytesIO()
        torch.save(state, content)
        temporary.write_bytes(content.getbuffer())
        temporary.replace(folder / STATE)

    def resume(self, folder: Path) -> bool:
        """Load the state of the run in a folder.

        Returns
        -------
        bool
            ``False`` if there is no saved state.

        Raises
        ------
        RunMismatch
            If the run has other settings.
        """
        path = folder / STATE
        if not path.exists():
            return False
        state: dict[str, Any] = torch.load(path, map_location=self.group.device, weights_only=True)
        changed = _differences(state["settings"], self.settings.to_dict())
        if changed:
            raise RunMismatch(f"{folder} contains a run with other settings ({', '.join(changed)})")
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"].cpu())
        self.step, self.score = int(state["step"]), state["score"]
        self.seconds = float(state["seconds"])
        return True

    def _update_average(self) -> None:
        # The decay grows from a small value, so that the random initial weights are soon forgotten.
        decay = min(self.settings.recipe.average, (1 + self.step) / (20 + self.step))
        (average, current), (average_counts, current_counts) = self._average_pairs
        with torch.no_grad():
            if decay:
                torch._foreach_lerp_(average, current, 1 - decay)
            else:
                torch._foreach_copy_(average, current)
            torch._foreach_copy_(average_counts, current_counts)


def _pair_tensors(average: VerteNet, network: VerteNet) -> tuple[Pair, Pair]:
    """Return the tensors of both networks, first those that can be averaged, then counters.

    Lists allow the GPU to process all tensors in a few operations.
    """
    both = list(zip(average.state_dict().values(), network.state_dict().values(), strict=True))
    averaged = [pair for pair in both if pair[1].is_floating_point()]
    counted = [pair for pair in both if not pair[1].is_floating_point()]
    return _transpose(averaged), _transpose(counted)


def _transpose(pairs: list[tuple[Tensor, Tensor]]) -> Pair:
    return [one for one, _ in pairs], [other for _, other in pairs]


def freeze(network: VerteNet, part: Frozen) -> None:
    """Exclude a part of the network from training."""
    for module in _frozen_parts(network, part):
        module.requires_grad_(False)


def _frozen_parts(network: VerteNet, part: Frozen) -> list[nn.Module]:
    encoder = network.encoder
    if part == "none":
        return []
    if part == "encoder":
        return [encoder]
    if part == "first stage":
        return [module for name, module in network.named_children() if name != "refiner"]
    if part == "names":
        label_heads = [head for name, head in network.heads.items() if name in LABEL_HEADS]
        return [encoder, network.fuse4, *label_heads]
    if isinstance(encoder, Encoder):
        first = encoder.blocks[1][0]  # type: ignore[index]
        return [encoder.conv_stem, encoder.bn1, encoder.blocks[0], first]
    return [encoder.conv1, encoder.bn1]


def set_training(network: VerteNet, recipe: TrainingRecipe) -> None:
    """Set training mode, with fixed batch norm statistics where the recipe requires them."""
    network.train(recipe.fixed_norms != "all")
    if recipe.fixed_norms == "encoder":
        network.encoder.eval()
    for module in _frozen_parts(network, recipe.frozen):
        module.eval()


def _optimizer(
    parameters: list[nn.Parameter], recipe: TrainingRecipe, device: torch.device
) -> torch.optim.Optimizer:
    kind = torch.optim.Adam if recipe.optimizer == "adam" else torch.optim.AdamW
    # The fused implementation is faster on a GPU; on a CPU the default reproduces earlier runs.
    fused = True if device.type == "cuda" else None
    return kind(parameters, lr=recipe.rate, weight_decay=recipe.weight_decay, fused=fused)


def _differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [name for name in other if one.get(name) != other[name]]
