"""One pair's kappas in every bootstrap replicate, for tests that look at one pair."""

from __future__ import annotations

import numpy as np

from studies.analytics.coefficients.kappa import Weights
from studies.analytics.coefficients.pair import Pair
from studies.analytics.resampling.patient_bootstrap import Bootstrap


def drawn_kappas(bootstrap: Bootstrap, pair: Pair, weights: Weights) -> np.ndarray:
    """Return the kappa of each replicate (replicates,), NaN where it is undefined."""
    return next(bootstrap.kappas_of([pair], [weights]))[0, 0]
