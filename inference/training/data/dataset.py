"""Example n of a training: the same whoever draws it, and whenever.

Nothing here remembers what was drawn before, so that a training that was stopped goes on from its
step alone, with any number of processes.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from inference.decoding.vertebrae import STRIDE
from inference.network.configuration import Config
from inference.phantom.seeds import TRAINING_SEEDS
from inference.training.data.marked_examples import prepare_marked_example
from inference.training.data.samples import draw_example
from inference.training.data.sources import Source
from inference.training.objectives import build_targets
from inference.training.recipes import TrainingRecipe, phantom_recipe

PHANTOMS_A_RUN: Final = 10_000_000
"""How many seeds belong to each seed of a run."""

Targets = dict[str, NDArray[Any]]
Batch = dict[str, Tensor]


class Mixture:
    """Which source's which image is example n.

    In each epoch every source has its share of the examples, in an order of its own; a source's
    images come in turn, each once before any comes again.
    """

    def __init__(self, sources: Sequence[Source], epoch: int, seed: int) -> None:
        self.sizes = tuple(len(source.samples) for source in sources)
        self.shares = shares([source.weight for source in sources], epoch)
        self.epoch, self.seed = epoch, seed
        self._order = lru_cache(maxsize=4)(self._draw_order)
        self._images = lru_cache(maxsize=8)(self._draw_images)

    def pick(self, n: int) -> tuple[int, int]:
        """The source, and its image; for phantoms, how many were drawn before."""
        epoch, place = divmod(n, self.epoch)
        source, turn = self._order(epoch)[place]
        count = epoch * self.shares[source] + turn
        size = self.sizes[source]
        if not size:
            return source, count
        lap, position = divmod(count, size)
        return source, int(self._images(source, lap)[position])

    def _draw_order(self, epoch: int) -> list[tuple[int, int]]:
        turns = [(s, turn) for s, share in enumerate(self.shares) for turn in range(share)]
        order = np.random.default_rng([self.seed, 1, epoch]).permutation(len(turns))
        return [turns[place] for place in order]

    def _draw_images(self, source: int, lap: int) -> NDArray[np.intp]:
        rng = np.random.default_rng([self.seed, 2, source, lap])
        return rng.permutation(self.sizes[source])


class Stream(Dataset[Targets]):
    """Endless examples, with what the losses need of them."""

    def __init__(
        self,
        sources: Sequence[Source],
        config: Config,
        recipe: TrainingRecipe,
        *,
        epoch: int,
        seed: int,
    ) -> None:
        self.sources, self.config, self.recipe, self.seed = tuple(sources), config, recipe, seed
        self.mixture = Mixture(sources, epoch, seed)
        self.phantoms = phantom_recipe(config, recipe)
        height, width = config.input_size
        self.all_known = np.ones((height // STRIDE, width // STRIDE), np.float32)

    def __getitem__(self, n: int) -> Targets:
        number, place = self.mixture.pick(n)
        source = self.sources[number]
        if not source.samples:
            seed = TRAINING_SEEDS + self.seed * PHANTOMS_A_RUN + place
            return build_targets(self.config, draw_example(seed, self.phantoms), self.all_known)
        image, marked = source.samples[place].open()
        rng = np.random.default_rng([self.seed, 3, n])
        example, known = prepare_marked_example(
            image.pixels, marked, self.config, self.recipe.augmentation, rng
        )
        return build_targets(self.config, example, known)


def load_batches(
    stream: Stream,
    *,
    batch: int,
    first: int,
    rank: int = 0,
    world: int = 1,
    workers: int = 0,
    pinned: bool = False,
) -> Iterator[Batch]:
    """This process's part of each batch, from step ``first`` on; ``pinned`` for a GPU to take."""
    part = batch // world

    def places() -> Iterator[list[int]]:
        for step in itertools.count(first):
            start = step * batch + rank * part
            yield list(range(start, start + part))

    loader: DataLoader[Targets] = DataLoader(
        stream,
        batch_sampler=places(),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        worker_init_fn=_be_nice,
        pin_memory=pinned,
        # Its own, for a loader draws from the generator that it is given.
        generator=torch.Generator(),
    )
    yield from loader


class BatchCache:
    """Batches that several networks learn from: drawn for the first one, kept for the others.

    From the first one on that has no room in ``max_bytes``, they are drawn each time.
    """

    def __init__(self, max_bytes: int) -> None:
        self.left = max_bytes
        self._kept: list[Batch] = []

    def batches(self, draw: Callable[[int], Iterator[Batch]], first: int) -> Iterator[Batch]:
        """From step ``first`` on; ``draw`` gives the batches from a step on."""
        kept = len(self._kept)
        yield from itertools.islice(self._kept, first, kept)
        start = max(first, kept)
        for step, batch in enumerate(draw(start), start):
            size = sum(value.nbytes for value in batch.values())
            if step == len(self._kept) and size <= self.left:
                self.left -= size
                batch = {name: _own(value) for name, value in batch.items()}
                self._kept.append(batch)
            yield batch


def shares(weights: Sequence[float], total: int) -> tuple[int, ...]:
    """``total`` divided by weight into whole numbers, by the largest remainders.

    Examples
    --------
    >>> shares([3, 1], 10)
    (8, 2)
    """
    exact = [total * weight / sum(weights) for weight in weights]
    whole = [int(share) for share in exact]
    by_rest = sorted(range(len(exact)), key=lambda k: (whole[k] - exact[k], k))
    for k in by_rest[: total - sum(whole)]:
        whole[k] += 1
    return tuple(whole)


def _own(value: Tensor) -> Tensor:
    """Not the memory that another process shared, which keeps a file open as long as it lives."""
    return value.clone() if value.is_shared() else value  # type: ignore[no-untyped-call]


def _be_nice(_: int) -> None:
    torch.set_num_threads(1)
    os.nice(2)
