r"""How wide an interval to expect: studies simulated under a named model, before any is read.

Two models make readings with given margins p and a given kappa of any two readers:

- ``latent``: a case has a standard normal burden T; a reader sees :math:`\sqrt\rho T +
  \sqrt{1-\rho} e` and cuts it at the margins' quantiles. Near disagreements are common.
- ``guessing``: a reader knows a case's category with probability :math:`\sqrt\kappa`, else guesses
  from the margins; the joint table is :math:`\kappa\,diag(p) + (1-\kappa) p p^T`, so that kappa is
  the same under any weights, and disagreements are as far apart as chance has it.

Intervals are wider under ``guessing``: which model was taken belongs beside every planned number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from studies.analytics.coefficients.kappa import Pair, Weights, disagreement, fit_kappa
from studies.analytics.estimate import Z95
from studies.analytics.study.differences import mean_kappa
from studies.analytics.table import FloatArray, IntArray

Model = Literal["latent", "guessing"]
MODELS: Final[tuple[Model, ...]] = get_args(Model)
NODES: Final = 4001
HIGHEST_CORRELATION: Final = 0.9999
SMALLEST_SHARE: Final = 1e-6
"""A category that is rarer never occurs in a study, and its table cannot be computed."""


@dataclass(frozen=True)
class Precision:
    """What to expect of a study's mean kappa over pairs of readers.

    Parameters
    ----------
    half_width : float
        Mean half width of the 95 % interval over the simulated studies.
    spread : (float, float)
        The 2.5 and 97.5 percentiles of that half width.
    undefined : int
        Simulated studies without an interval.
    """

    model: Model
    kappa: float
    weights: Weights
    readers: int
    cases: int
    half_width: float
    spread: tuple[float, float]
    simulations: int
    undefined: int


def joint_table(
    margins: Sequence[float], kappa: float, weights: Weights, model: Model
) -> FloatArray:
    """Return the probabilities of two readers' scores (categories, categories) under a model."""
    p = _checked(margins, kappa, model)
    if model == "guessing":
        return kappa * np.diag(p) + (1 - kappa) * np.outer(p, p)
    return _latent_table(p, latent_correlation(p, kappa, weights))


def latent_correlation(margins: FloatArray, kappa: float, weights: Weights) -> float:
    """Return the latent correlation of two readers that gives the kappa.

    Raises
    ------
    ValueError
        Where the latent model cannot reach the kappa with these margins.
    """

    def gap(rho: float) -> float:
        return table_kappa(_latent_table(margins, rho), weights) - kappa

    if kappa <= 0.0 or gap(0.0) >= 0.0:
        return 0.0
    if gap(HIGHEST_CORRELATION) < 0.0:
        raise ValueError("The latent model cannot reach this kappa with these margins.")
    return float(optimize.brentq(gap, 0.0, HIGHEST_CORRELATION, xtol=1e-10))


def table_kappa(table: FloatArray, weights: Weights) -> float:
    """Return the weighted kappa of a table of probabilities."""
    d = disagreement(len(table), weights)
    return 1 - float((d * table).sum() / (d * np.outer(table.sum(1), table.sum(0))).sum())


def cases_for(
    half_width: float, *, margins: Sequence[float], kappa: float, weights: Weights, model: Model
) -> int:
    """Return how many cases two readers need, by the Fleiss-Cohen-Everitt error of the model.

    Examples
    --------
    >>> cases_for(0.1, margins=[0.45, 0.36, 0.19], kappa=0.7, weights="linear", model="latent")
    121
    """
    table = joint_table(margins, kappa, weights, model)
    d = disagreement(len(table), weights)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    a, b = d @ columns, rows @ d
    seen, chance = float((d * table).sum()), float(rows @ a)
    ratio = seen / chance
    influence = -d / chance + ratio / chance * (a[:, None] + b[None, :]) - ratio
    variance = float((table * np.square(influence)).sum())
    return math.ceil(variance * (Z95 / half_width) ** 2 - 1e-9)


def expected_precision(
    *,
    margins: Sequence[float],
    kappa: float,
    weights: Weights,
    readers: int,
    cases: int,
    model: Model,
    simulations: int = 200,
    seed: int = 0,
) -> Precision:
    """Simulate studies and return the half width of the mean kappa's interval.

    Parameters
    ----------
    margins
        Share of each category in order.
    kappa
        Kappa of any two readers under ``weights``.
    """
    p = _checked(margins, kappa, model)
    if readers < 2 or cases < 2:
        raise ValueError("At least two readers and two cases are needed.")
    rng = np.random.default_rng(seed)
    rho = latent_correlation(p, kappa, weights) if model == "latent" else 0.0
    halves: list[float] = []
    for _ in range(simulations):
        ratings = (
            _latent_ratings(rng, p, rho, readers, cases)
            if model == "latent"
            else _guessed_ratings(rng, p, kappa, readers, cases)
        )
        ci = mean_kappa([fit_kappa(pair, weights) for pair in _pairs(ratings, len(p))]).ci
        if ci is not None:
            halves.append((ci[1] - ci[0]) / 2)
    low, high = np.percentile(halves, [2.5, 97.5]) if halves else (math.nan, math.nan)
    return Precision(
        model=model,
        kappa=kappa,
        weights=weights,
        readers=readers,
        cases=cases,
        half_width=float(np.mean(halves)) if halves else math.nan,
        spread=(float(low), float(high)),
        simulations=simulations,
        undefined=simulations - len(halves),
    )


def _checked(margins: Sequence[float], kappa: float, model: Model) -> FloatArray:
    p: FloatArray = np.asarray(margins, dtype=np.float64)
    if p.ndim != 1 or len(p) < 2 or not (p >= 0).all() or not abs(float(p.sum()) - 1) <= 1e-6:
        raise ValueError("Margins are at least two shares that add up to 1.")
    if (p > 0).sum() < 2:
        raise ValueError("At least two categories must occur.")
    if (p[p > 0] < SMALLEST_SHARE).any():
        raise ValueError(f"A share that is not 0 is at least {SMALLEST_SHARE:g}.")
    if not 0 <= kappa < 1:
        raise ValueError("Kappa lies from 0 to below 1.")
    if model not in MODELS:
        raise ValueError(f"The model is one of {', '.join(MODELS)}, not {model!r}.")
    shares: FloatArray = p / p.sum()
    return shares


def _cuts(margins: FloatArray) -> FloatArray:
    cuts: FloatArray = special.ndtri(np.cumsum(margins)[:-1].clip(0.0, 1.0))
    return cuts


def _latent_table(margins: FloatArray, rho: float) -> FloatArray:
    """Integrate the product of two readers' categories over the latent burden."""
    burden, weight = _burden()
    below = special.ndtr((_cuts(margins)[:, None] - math.sqrt(rho) * burden) / math.sqrt(1 - rho))
    whole = np.vstack([np.zeros(len(burden)), below, np.ones(len(burden))])
    given = np.diff(whole, axis=0)
    table: FloatArray = (given * weight) @ given.T
    return table


@cache
def _burden() -> tuple[FloatArray, FloatArray]:
    """Return points of a standard normal and their weights; the sum is exact to rounding."""
    burden = np.linspace(-8.5, 8.5, NODES)
    density = np.exp(-np.square(burden) / 2)
    weight: NDArray[np.float64] = density / density.sum()
    return burden, weight


def _latent_ratings(
    rng: np.random.Generator, margins: FloatArray, rho: float, readers: int, cases: int
) -> IntArray:
    burden, error = rng.normal(size=cases), rng.normal(size=(readers, cases))
    seen = math.sqrt(rho) * burden + math.sqrt(1 - rho) * error
    return np.searchsorted(_cuts(margins), seen).astype(np.int64)


def _guessed_ratings(
    rng: np.random.Generator, margins: FloatArray, kappa: float, readers: int, cases: int
) -> IntArray:
    truth = rng.choice(len(margins), size=cases, p=margins)
    guess = rng.choice(len(margins), size=(readers, cases), p=margins)
    known = rng.random((readers, cases)) < math.sqrt(kappa)
    return np.where(known, truth, guess).astype(np.int64)


def _pairs(ratings: IntArray, categories: int) -> list[Pair]:
    cases = np.arange(ratings.shape[1])
    return [
        Pair(ratings[a], ratings[b], cases, cases, categories, len(cases))
        for a, b in combinations(range(len(ratings)), 2)
    ]
