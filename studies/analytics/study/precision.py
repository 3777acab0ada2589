r"""Expected width of confidence intervals, from simulated studies, for planning.

Two models generate readings with given margins p and a given kappa of any two readers:

- ``latent``: each case has a standard normal burden T. A reader perceives :math:`\sqrt\rho T +
  \sqrt{1-\rho} e` and categorises it at the quantiles of the margins, so that most disagreements
  are by one category.
- ``guessing``: a reader knows the category of a case with probability :math:`\sqrt\kappa` and
  otherwise guesses from the margins. The joint table is :math:`\kappa\,diag(p) + (1-\kappa) p p^T`:
  kappa is the same under any weights, and disagreements are distributed as expected by chance.

Intervals are wider under ``guessing``, so every planned number must name its model. Both assume one
item per patient and readers who differ by chance only.
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

from studies.analytics.coefficients.kappa import Weights, disagreement, fit_kappa
from studies.analytics.coefficients.kappa_differences import mean_kappa
from studies.analytics.coefficients.pair import Pair
from studies.analytics.estimate import Z95
from studies.analytics.table import FloatArray, IntArray

Model = Literal["latent", "guessing"]
MODELS: Final[tuple[Model, ...]] = get_args(Model)
# Points at which the latent burden is integrated: enough for the sum to be exact to rounding.
NODES: Final = 4001

# At a latent correlation of 1 the table degenerates to its diagonal.
HIGHEST_CORRELATION: Final = 0.9999

# Rarer categories never occur in a study, and quantiles so far out cannot be computed.
SMALLEST_SHARE: Final = 1e-6


@dataclass(frozen=True)
class Precision:
    """Expected precision of a study's mean kappa over pairs of readers.

    Parameters
    ----------
    model, kappa, weights, readers, cases
        The assumptions.
    half_width : float
        Mean half-width of the 95 % interval over the simulated studies.
    spread : (float, float)
        2.5th and 97.5th percentiles of the half-width.
    simulations : int
        Number of simulated studies.
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
    """Return the joint probabilities of two readers' scores under a model.

    Parameters
    ----------
    margins : sequence of float (categories,)
        Share of each category, in order.
    kappa : float
        Kappa of the two readers, from 0 to below 1.
    weights : {"none", "linear", "quadratic"}
        Scheme of weights that the kappa refers to.
    model : {"latent", "guessing"}
        Model of the readers.

    Returns
    -------
    float array (categories, categories)

    Raises
    ------
    ValueError
        If the margins, the kappa or the model are not valid.
    """
    p = _checked(margins, kappa, model)
    if model == "guessing":
        return kappa * np.diag(p) + (1 - kappa) * np.outer(p, p)
    return _latent_table(p, latent_correlation(p, kappa, weights))


def latent_correlation(margins: FloatArray, kappa: float, weights: Weights) -> float:
    """Return the latent correlation of two readers that gives the kappa.

    Raises
    ------
    ValueError
        If the latent model cannot reach this kappa with these margins.
    """

    def gap(rho: float) -> float:
        return table_kappa(_latent_table(margins, rho), weights) - kappa

    if kappa <= 0.0 or gap(0.0) >= 0.0:
        return 0.0
    if gap(HIGHEST_CORRELATION) < 0.0:
        raise ValueError(
            "The latent model cannot reach this kappa with these margins. Choose a lower kappa or "
            "the guessing model."
        )
    return float(optimize.brentq(gap, 0.0, HIGHEST_CORRELATION, xtol=1e-10))


def table_kappa(table: FloatArray, weights: Weights) -> float:
    """Return the weighted kappa of a table of probabilities (categories, categories)."""
    d = disagreement(len(table), weights)
    return 1 - float((d * table).sum() / (d * np.outer(table.sum(1), table.sum(0))).sum())


def cases_for(
    half_width: float, *, margins: Sequence[float], kappa: float, weights: Weights, model: Model
) -> int:
    """Return the number of cases that two readers need for a given half-width of the 95 % interval.

    The variance is that of Fleiss, Cohen and Everitt (1969) for the joint table of the model.

    Parameters
    ----------
    half_width : float
        Half-width of the 95 % interval of kappa.
    margins, kappa, weights, model
        As in `joint_table`.

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
    # Rounding error must not add a case.
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
    """Return the half-width of the interval of a study's mean kappa, from simulated studies.

    Parameters
    ----------
    margins, kappa, weights, model
        As in `joint_table`; the kappa is that of any two readers.
    readers, cases : int
        Size of the study, at least two of each.
    simulations : int
        Number of simulated studies.
    seed : int
        Seed of the simulation.

    Raises
    ------
    ValueError
        If a parameter is not valid.
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
        raise ValueError("The margins must be at least two proportions that add up to 1.")
    if (p > 0).sum() < 2:
        raise ValueError("At least two categories must have a proportion above 0.")
    if (p[p > 0] < SMALLEST_SHARE).any():
        raise ValueError(f"Each proportion must be 0 or at least {SMALLEST_SHARE:g}.")
    if not 0 <= kappa < 1:
        raise ValueError("Kappa must be at least 0 and below 1.")
    if model not in MODELS:
        raise ValueError(f"The model must be one of {', '.join(MODELS)}, not {model!r}.")
    shares: FloatArray = p / p.sum()
    return shares


def _cuts(margins: FloatArray) -> FloatArray:
    # The last category has no upper cut. A sum that rounds to above 1 would have no quantile.
    cuts: FloatArray = special.ndtri(np.cumsum(margins)[:-1].clip(0.0, 1.0))
    return cuts


def _latent_table(margins: FloatArray, rho: float) -> FloatArray:
    """Return the joint table of two readers, integrated over the latent burden."""
    burden, weight = _burden()
    below = special.ndtr((_cuts(margins)[:, None] - math.sqrt(rho) * burden) / math.sqrt(1 - rho))
    whole = np.vstack([np.zeros(len(burden)), below, np.ones(len(burden))])
    given = np.diff(whole, axis=0)
    table: FloatArray = (given * weight) @ given.T
    return table


@cache
def _burden() -> tuple[FloatArray, FloatArray]:
    """Return points of a standard normal distribution and their weights."""
    # Further out, the density is at the level of rounding error.
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
    category = rng.choice(len(margins), size=cases, p=margins)
    guess = rng.choice(len(margins), size=(readers, cases), p=margins)
    # With probability sqrt(kappa) each, both readers know a category with probability kappa.
    known = rng.random((readers, cases)) < math.sqrt(kappa)
    return np.where(known, category, guess).astype(np.int64)


def _pairs(ratings: IntArray, categories: int) -> list[Pair]:
    cases = np.arange(ratings.shape[1])
    return [
        Pair(ratings[a], ratings[b], cases, cases, categories, len(cases))
        for a, b in combinations(range(len(ratings)), 2)
    ]
