from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from inference.evaluation.samples import Sample, read_samples
from inference.network.configuration import LITE
from inference.training.data.sources import Source
from inference.training.dataset import (
    Batch,
    BatchCache,
    Mixture,
    Stream,
    load_batches,
    shares,
)
from inference.training.recipes import RECIPES
from tests.inference.training.marked_images import write_marked

CONFIG = replace(LITE, input_size=(128, 64))


def source(count: int, weight: float) -> Source:
    return Source("a", weight, tuple(Sample(str(n), lambda: None) for n in range(count)))


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=5), st.integers(1, 500))
def test_shares_add_up_and_follow_the_weights(weights: list[float], total: int) -> None:
    divided = shares(weights, total)
    assert sum(divided) == total
    for share, weight in zip(divided, weights, strict=True):
        assert abs(share - total * weight / sum(weights)) < 1


@given(st.lists(st.tuples(st.integers(0, 7), st.floats(0.2, 5)), min_size=1, max_size=3))
def test_each_epoch_has_the_shares_and_images_are_used_equally_often(parts) -> None:
    mixture = Mixture([source(*part) for part in parts], 20, seed=3)
    picks = [mixture.pick(n) for n in range(60)]
    for start in (0, 20, 40):
        counts = Counter(number for number, _ in picks[start : start + 20])
        assert tuple(counts[k] for k in range(len(parts))) == mixture.shares
    for number, (size, _) in enumerate(parts):
        images = Counter(image for which, image in picks if which == number)
        if size and images:
            assert max(images.values()) - min(images[k] for k in range(size)) <= 1
        else:
            assert set(images.values()) <= {1}


def test_one_epoch_of_marked_images_uses_each_once() -> None:
    mixture = Mixture([source(12, 1.0)], 12, seed=0)
    epochs = [[mixture.pick(n)[1] for n in range(start, start + 12)] for start in (0, 12)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(12))] * 2
    assert epochs[0] != epochs[1]


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    folder: Path = tmp_path_factory.mktemp("stream") / "export"
    write_marked(folder, range(3_000_000, 3_000_003))
    sources = (
        Source("phantom", 1.0),
        Source("export", 1.0, tuple(read_samples([folder]))),
    )
    return Stream(sources, CONFIG, RECIPES["lite"], epoch=4, seed=0)


def test_batches_do_not_depend_on_workers_or_first_step(stream: Stream) -> None:
    alone = list(islice(load_batches(stream, batch=2, first=0), 4))
    with_workers = list(islice(load_batches(stream, batch=2, first=0, workers=2), 4))
    later = list(islice(load_batches(stream, batch=2, first=2), 2))
    for one, other in [*zip(alone, with_workers, strict=True), *zip(alone[2:], later, strict=True)]:
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_parts_of_two_processes_make_the_batch(stream: Stream) -> None:
    whole = next(load_batches(stream, batch=4, first=1))
    parts = [next(load_batches(stream, batch=4, first=1, rank=r, world=2)) for r in (0, 1)]
    for name, value in whole.items():
        assert torch.equal(value, torch.cat([part[name] for part in parts]))


@pytest.mark.parametrize(("max_bytes", "drawn_again"), [(10**9, [5]), (0, [0, 1, 2, 3, 4, 5])])
def test_batches_are_drawn_once_for_several_networks(
    max_bytes: int, drawn_again: list[int]
) -> None:
    drawn: list[int] = []

    def draw(first: int) -> Iterator[Batch]:
        for step in count(first):
            drawn.append(step)
            yield {"grey": torch.full((2,), step)}

    shared = BatchCache(max_bytes)
    first = [int(b["grey"][0]) for b in islice(shared.batches(draw, 0), 5)]
    drawn.clear()
    second = [int(b["grey"][0]) for b in islice(shared.batches(draw, 0), 6)]
    assert (first, second) == ([*range(5)], [*range(6)])
    assert drawn == drawn_again
    assert int(next(shared.batches(draw, 3))["grey"][0]) == 3


def test_cached_batches_do_not_use_shared_memory(stream: Stream) -> None:
    cache = BatchCache(10**9)

    def draw(first: int) -> Iterator[Batch]:
        return load_batches(stream, batch=2, first=first, workers=1)

    first = next(cache.batches(draw, 0))
    again = next(cache.batches(draw, 0))
    assert not any(value.is_shared() for value in again.values())
    assert all(torch.equal(first[name], value) for name, value in again.items())


def test_drawing_does_not_change_the_random_state(stream: Stream) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    next(load_batches(stream, batch=2, first=0))
    assert torch.equal(torch.get_rng_state(), before)


def test_phantoms_are_known_everywhere_and_marked_images_are_not(stream: Stream) -> None:
    for n in range(4):
        known = stream[n]["known"]
        phantom = not stream.sources[stream.mixture.pick(n)[0]].samples
        assert known.dtype == np.float32
        assert bool(known.all()) is phantom
