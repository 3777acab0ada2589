"""Reserved ranges of seeds: a phantom of one range is used for no other purpose."""

from __future__ import annotations

from typing import Final

VALIDATION_SEEDS: Final = 1_000_000
"""First seed of the phantoms that select the best weights of a training run."""
TEST_SEEDS: Final = 2_000_000
"""First seed of the phantoms for the results in model cards."""
CORRECTION_SEEDS: Final = 3_000_000
"""First seed of the phantoms on which the correction of corners is judged."""
EVALUATION_SEEDS: Final = 4_000_000
"""First seed of ``python -m inference evaluate``, unless another is given."""
PRACTICE_SEEDS: Final = 5_000_000
"""First seed of the phantoms of practice sets: 1,000 seeds for each of 1,000 sequences."""
EXAMPLE_SEEDS: Final = 6_000_000
"""First seed of the phantoms on which the scoring guide shows examples of grades."""
TRAINING_SEEDS: Final = 10_000_000
"""First seed of the phantoms for training; only these are trained on."""
