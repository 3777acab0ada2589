"""Stream of training examples, in which example n depends only on n and on the settings.

No state is carried from one example to the next, so that a training can be resumed from its step
number alone, with any number of processes.
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
from inference.phantom.raster import Array
from inference.phantom.seeds import TRAINING_SEEDS
from inference.training.data.marked_examples import prepare_marked_example
from inference.training.data.samples import Example, draw_example
from inference.training.data.sources import Source
from inference.training.objectives import build_targets
from inference.training.recipes import TrainingRecipe, phantom_recipe

PHANTOMS_PER_SEED: Final = 10_000_000
"""Number of phantom seeds reserved for each seed of a run."""

Targets = dict[str, NDArray[Any]]
Batch = dict[str, Tensor]


class Mixture:
    """Order in which images of several sources become examples.

    In each epoch every source contributes its share of examples, in random order. All images of a
    source are used once before any is repeated.

    Parameters
    ----------
    sources
        Sources with their weights.
    epoch
        Number of examples per epoch.
    seed
        Seed of the order.
    """

    def __init__(self, sources: Sequence[Source], epoch: int, seed: int) -> None:
        self.sizes = tuple(len(source.samples) for source in sources)
        self.shares = shares([source.weight for source in sources], epoch)
        self.epoch, self.seed = epoch, seed
        self._order = lru_cache(maxsize=4)(self._draw_order)
        self._images = lru_cache(maxsize=8)(self._draw_images)

    def pick(self, n: int) -> tuple[int, int]:
        """Return source and image of example ``n``.

        For phantoms, which are unlimited, the second value counts those drawn before.
        """
        epoch, position = divmod(n, self.epoch)
        source, turn = self._order(epoch)[position]
        count = epoch * self.shares[source] + turn
        size = self.sizes[source]
        if not size:
            return source, count
        cycle, position = divmod(count, size)
        return source, int(self._images(source, cycle)[position])

    def _draw_order(self, epoch: int) -> list[tuple[int, int]]:
        turns = [(s, turn) for s, share in enumerate(self.shares) for turn in range(share)]
        # The second number separates the random streams of order, images and augmentation.
        order = np.random.default_rng([self.seed, 1, epoch]).permutation(len(turns))
        return [turns[index] for index in order]

    def _draw_images(self, source: int, cycle: int) -> NDArray[np.intp]:
        rng = np.random.default_rng([self.seed, 2, source, cycle])
        return rng.permutation(self.sizes[source])


class Stream(Dataset[Targets]):
    """Infinite data set of training targets.

    Parameters
    ----------
    sources
        Phantoms and marked images, with weights.
    config
        Configuration of the network.
    recipe
        Recipe, which determines augmentation.
    epoch
        Number of examples per epoch.
    seed
        Seed of the run.
    """

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
        number, index = self.mixture.pick(n)
        source = self.sources[number]
        if not source.samples:
            # Every run has its own seeds, apart from those of validation and tests.
            seed = TRAINING_SEEDS + self.seed * PHANTOMS_PER_SEED + index
            return self._targets(draw_example(seed, self.phantoms), self.all_known, n)
        image, marked = source.samples[index].open()
        rng = np.random.default_rng([self.seed, 3, n])
        example, known = prepare_marked_example(
            image.pixels, marked, self.config, self.recipe.augmentation, rng
        )
        return self._targets(example, known, n)

    def _targets(self, example: Example, known: Array, n: int) -> Targets:
        rng = np.random.default_rng([self.seed, 4, n])
        return build_targets(self.config, example, known, patches=self.recipe.patches, rng=rng)


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
    """Yield this process's part of each batch.

    Parameters
    ----------
    stream
        Training examples.
    batch
        Batch size over all processes.
    first
        Step of the first batch.
    rank, world
        Index of this process, and number of processes.
    workers
        Number of processes that prepare examples.
    pinned
        Whether batches are placed in pinned memory, for faster transfer to a GPU.
    """
    part = batch // world

    def indices() -> Iterator[list[int]]:
        for step in itertools.count(first):
            # Each process draws its own part, so that several learn what one learns.
            start = step * batch + rank * part
            yield list(range(start, start + part))

    loader: DataLoader[Targets] = DataLoader(
        stream,
        batch_sampler=indices(),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        worker_init_fn=_lower_priority,
        pin_memory=pinned,
        # The loader draws from this generator, so that the random state of torch is unchanged.
        generator=torch.Generator(),
    )
    yield from loader


class BatchCache:
    """Batches shared by several networks: drawn for the first one and cached for the others.

    Parameters
    ----------
    max_bytes
        Size of the cache; batches beyond it are drawn for each network.
    """

    def __init__(self, max_bytes: int) -> None:
        self.free_bytes = max_bytes
        self._batches: list[Batch] = []

    def batches(self, draw: Callable[[int], Iterator[Batch]], first: int) -> Iterator[Batch]:
        """Yield batches from step ``first`` on; ``draw`` returns batches from a given step on."""
        cached = len(self._batches)
        yield from itertools.islice(self._batches, first, cached)
        start = max(first, cached)
        for step, batch in enumerate(draw(start), start):
            size = sum(value.nbytes for value in batch.values())
            # Only the next batch in order is stored: a gap would shift all later ones.
            if step == len(self._batches) and size <= self.free_bytes:
                self.free_bytes -= size
                batch = {name: _unshare(value) for name, value in batch.items()}
                self._batches.append(batch)
            yield batch


def shares(weights: Sequence[float], total: int) -> tuple[int, ...]:
    """Divide ``total`` into whole numbers in proportion to weights (largest remainder method).

    Examples
    --------
    >>> shares([3, 1], 10)
    (8, 2)
    """
    exact = [total * weight / sum(weights) for weight in weights]
    whole = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda k: (whole[k] - exact[k], k))
    for k in by_remainder[: total - sum(whole)]:
        whole[k] += 1
    return tuple(whole)


def _unshare(value: Tensor) -> Tensor:
    """Copy a tensor out of shared memory, which would keep a file open as long as it exists."""
    return value.clone() if value.is_shared() else value  # type: ignore[no-untyped-call]


def _lower_priority(_: int) -> None:
    # One thread each and a lower priority, so that workers do not slow down the training process.
    torch.set_num_threads(1)
    os.nice(2)
