r"""Bland and Altman's limits of agreement of repeated totals, pooled over readers.

Each difference d is the first minus the second total of the same reader and case. The differences
of all readers are pooled: their mean :math:`\bar d` is the bias, and :math:`\bar d \pm 1.96 s` are
the limits, with the standard deviation s of all differences, which includes differences in bias
between readers. Differences of one patient are correlated, as several readers repeat the same
cases. Standard errors therefore sum the influence

.. math:: \frac{d-\bar d}{n} \pm 1.96\, \frac{(d-\bar d)^2 - s^2}{2(n-1)s}

per patient; intervals are normal, value ± 1.96 SE, and assume independent patients. With a single
reader, bias and limits equal those of `bland_altman`.

References
----------
Bland and Altman 1986, Lancet 1:307. Bland and Altman 2007, J Biopharm Stat 17:571 (several
differences per subject). Efron 1982, The Jackknife, the Bootstrap and Other Resampling Plans
(infinitesimal jackknife).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studies.analytics.coefficients.bland_altman import FEW_CASES_NOTE, FLAT_NOTE, flat_differences
from studies.analytics.estimate import Z95, Estimate, clustered_estimate, clustered_se, undefined
from studies.analytics.table import FloatArray, IntArray


@dataclass(frozen=True)
class PooledDifferences:
    """Differences between repeated totals, summed by patient.

    Parameters
    ----------
    sums : float array (patients, 3)
        Number, sum and sum of squares of each patient's differences, over all readers.
    flat : bool
        Whether all differences are the same, apart from rounding.
    """

    sums: FloatArray
    flat: bool

    @classmethod
    def of(
        cls, first: FloatArray, again: FloatArray, patient: IntArray, patients: int
    ) -> PooledDifferences:
        """Return the differences between first and repeated totals.

        Parameters
        ----------
        first, again : float arrays (readers, cases)
            Totals of the first and of the repeated reading, NaN where missing.
        patient : int array (cases,)
            The patient of each case.
        patients : int
            Number of patients in the study.

        Raises
        ------
        ValueError
            If the arrays do not have the same shape.
        """
        if first.shape != again.shape or first.shape[1:] != patient.shape:
            raise ValueError(
                "First and repeated totals must have the same readers and cases, and every case a "
                "patient."
            )
        both = ~np.isnan(first) & ~np.isnan(again)
        x, y = first[both], again[both]
        cluster = np.broadcast_to(patient, first.shape)[both]
        differences = x - y
        terms = np.column_stack([np.ones_like(differences), differences, np.square(differences)])
        sums = np.zeros((patients, 3))
        np.add.at(sums, cluster, terms)
        return cls(sums, len(x) < 2 or flat_differences(x, y))

    def estimates(self, method: str) -> tuple[Estimate, Estimate, Estimate]:
        """Return the bias, the lower and the upper limit; ``n`` counts the differences."""
        count, total, squares = self.sums.T
        n = int(count.sum())
        if n < 2:
            none = undefined(n, FEW_CASES_NOTE, method)
            return none, none, none
        bias, lower, upper = (float(value) for value in self._values(self.sums.sum(axis=0)))
        if self.flat:
            same = Estimate(bias, 0.0, None, n, method, FLAT_NOTE)
            return same, same, same
        spread = (upper - lower) / (2 * Z95)
        around = squares - 2 * bias * total + bias * bias * count
        of_bias = (total - bias * count) / n
        of_spread = (around - spread * spread * count) / (2 * (n - 1) * spread)
        patients = int((count > 0).sum())
        first, second, third = (
            clustered_estimate(
                value, clustered_se(of_bias + factor * of_spread), n, patients, "", method
            )
            for value, factor in ((bias, 0.0), (lower, -Z95), (upper, Z95))
        )
        return first, second, third

    def of_resamples(self, weights: FloatArray) -> FloatArray:
        """Return bias, lower and upper limit with patients weighted.

        Parameters
        ----------
        weights : array (replicates, patients)
            How often each patient was drawn.

        Returns
        -------
        float array (3, replicates)
            NaN with fewer than two differences.
        """
        return self._values((weights @ self.sums).T)

    def leave_one_out(self) -> FloatArray:
        """Return bias, lower and upper limit with each patient left out (3, patients)."""
        return self._values((self.sums.sum(axis=0) - self.sums).T)

    @property
    def present(self) -> NDArray[np.bool_]:
        """Return which patients have a difference (patients,)."""
        return self.sums[:, 0] > 0

    @staticmethod
    def _values(sums: FloatArray) -> FloatArray:
        n, total, squares = sums
        with np.errstate(divide="ignore", invalid="ignore"):
            bias = np.where(n > 1, total / n, np.nan)
            spread = np.sqrt(np.maximum(squares - total * bias, 0.0) / (n - 1))
        return np.stack([bias, bias - Z95 * spread, bias + Z95 * spread])
