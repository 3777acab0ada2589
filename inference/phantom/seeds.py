"""Which phantoms are for what: a seed that belongs to one range is used for nothing else."""

from __future__ import annotations

from typing import Final

VALIDATION_SEEDS: Final = 1_000_000
"""Phantoms from here on choose the best weights of a run."""
TEST_SEEDS: Final = 2_000_000
"""Phantoms from here on give the table of a run's model card."""
EVALUATION_SEEDS: Final = 4_000_000
"""``evaluate`` begins here where nobody says otherwise."""
TRAINING_SEEDS: Final = 10_000_000
"""Phantoms from here upwards are trained on, and no others."""
