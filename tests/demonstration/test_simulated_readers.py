"""The error model of the simulated readers."""

import numpy as np

from studies.analytics.scale import CELLS, Validity
from studies.demonstration.simulated_readers import simulate_reading

TRUTH = dict(zip(CELLS, [0, 1, 2, 3, 3, 2, 1, 0], strict=True))


def readings(arm: str, count: int = 400):
    rng = np.random.default_rng(1)
    return [simulate_reading(TRUTH, arm, 0.0, rng) for _ in range(count)]


def accuracy(simulated) -> float:
    return float(np.mean([r.scores[cell] == TRUTH[cell] for r in simulated for cell in CELLS]))


def test_guided_simulation_is_more_accurate():
    assert accuracy(readings("guided")) > accuracy(readings("unguided")) + 0.05


def test_cell_has_a_grade_or_a_reason():
    for reading in readings("unguided"):
        for cell in CELLS:
            readable = reading.validity[cell] == Validity.VALID
            assert (
                (reading.scores[cell] in {0, 1, 2, 3}) if readable else reading.scores[cell] is None
            )


def test_same_random_state_gives_the_same_readings():
    assert readings("guided", 5) == readings("guided", 5)
