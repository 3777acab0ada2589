"""One repetition of the experiment, and the interval over all of them."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from inference.evaluation.samples import Sample
from inference.phantom.seeds import EVALUATION_SEEDS
from inference.predictor import SHIPPED_WEIGHTS, Predictor
from inference.training.data.image_cache import ImageCache
from inference.training.data.sources import Data, Source
from inference.training.fine_tuning import fine_tune
from inference.training.validation import score_outcomes
from studies.cases.landmarks.usefulness import expected_gain
from tests.bench.usefulness.family import shifted_samples

CHOSEN = 10
# Seeds of no other purpose: `evaluate` uses the first thousands of this range.
FIRST_SEED = EVALUATION_SEEDS + 500_000
SEEDS_PER_REPETITION = 1_000


@dataclass(frozen=True)
class Size:
    """Numbers of phantoms and steps of one repetition."""

    pool: int = 60
    validation: int = 8
    test: int = 24
    steps: int = 90


def repeat(number: int, size: Size, *, threads: int) -> dict[str, float]:
    """Run one repetition; return the error in px before and after training on either choice."""
    cache = ImageCache()
    first = FIRST_SEED + number * SEEDS_PER_REPETITION
    counts = (size.pool, size.validation, size.test)
    samples = [cache.wrap(s) for s in shifted_samples(range(first, first + sum(counts)))]
    pool, rest = samples[: size.pool], samples[size.pool :]
    validation, test = rest[: size.validation], rest[size.validation :]
    gains = _gains(pool, threads)
    useful = [pool[n] for n in np.argsort(-gains, kind="stable")[:CHOSEN]]
    drawn = np.random.default_rng([number, 4]).choice(size.pool, CHOSEN, replace=False)
    random = [pool[n] for n in sorted(drawn)]
    result: dict[str, float] = {"repetition": number}
    for name, trained in (("useful", useful), ("random", random)):
        source = Source(name, 1.0, tuple(trained))
        data = Data((source,), tuple(validation), tuple(test), rule="named", content=name)
        with tempfile.TemporaryDirectory() as folder:
            tuned = fine_tune(
                SHIPPED_WEIGHTS,
                data,
                Path(folder),
                start_name="bundled",
                steps=size.steps,
                seed=number,
                threads=threads,
                stream=io.StringIO(),
            )
        result[f"{name}_px"] = score_outcomes(tuned.after).error
        result["before_px"] = score_outcomes(tuned.before).error
    return result


def _gains(pool: Sequence[Sample], threads: int) -> NDArray[np.float64]:
    predictor = Predictor.load(SHIPPED_WEIGHTS, threads=threads, compare_unclear=True)
    return np.array([expected_gain(predictor.predict(sample.open()[0])) for sample in pool])


def read_results(path: Path) -> list[dict[str, float]]:
    """Return the finished repetitions of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def summarise(results: Sequence[Mapping[str, float]]) -> str:
    """Return the mean difference with its 95 % interval (paired, Student's t) in a sentence."""
    differences = np.array([row["useful_px"] - row["random_px"] for row in results])
    n = len(differences)
    if n < 2:
        return f"{n} repetitions: too few for an interval."
    mean = differences.mean()
    half = student.ppf(0.975, n - 1) * differences.std(ddof=1) / np.sqrt(n)
    low, high = mean - half, mean + half
    verdict = "includes" if low <= 0 <= high else "excludes"
    return (
        f"{n} repetitions: error after ten useful minus after ten random corrections "
        f"{mean:+.3f} px [{low:+.3f}, {high:+.3f}]; the 95 % CI {verdict} 0. Mean error before "
        f"{np.mean([row['before_px'] for row in results]):.2f} px."
    )
