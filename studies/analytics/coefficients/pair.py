"""The items that two readers both rated, with their cases and patients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from studies.analytics.scale import MISSING
from studies.analytics.table import FloatArray, IntArray


@dataclass(frozen=True)
class Pair:
    """The items that two readers both rated.

    Parameters
    ----------
    first, second : int arrays (items,)
        Category numbers from 0, none missing.
    case, patient : int arrays (items,)
        Case and patient of each item; patients are the clusters.
    categories, patients : int
        Number of categories of the scale, and of patients in the study.
    """

    first: IntArray
    second: IntArray
    case: IntArray
    patient: IntArray
    categories: int
    patients: int

    @classmethod
    def of(
        cls,
        first: IntArray,
        second: IntArray,
        *,
        case: IntArray,
        patient: IntArray,
        categories: int,
        patients: int,
    ) -> Pair:
        """Return the items that have both ratings (pairwise deletion).

        Parameters
        ----------
        first, second : int arrays (items,)
            Category numbers from 0, -1 where missing.
        """
        both = (first != MISSING) & (second != MISSING)
        return cls(first[both], second[both], case[both], patient[both], categories, patients)

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def joint(self) -> IntArray:
        """Return each item's index in the flattened contingency table (items,)."""
        return self.first * self.categories + self.second

    def counts(self) -> IntArray:
        """Return the contingency table (categories, categories), first reader in rows."""
        flat = np.bincount(self.joint, minlength=self.categories**2)
        return flat.reshape(self.categories, self.categories)

    def by_patient(self, influence: FloatArray) -> FloatArray:
        """Return the influence of items (items,) summed by patient (patients,)."""
        summed: FloatArray = np.bincount(
            self.patient, weights=influence, minlength=self.patients
        ).astype(np.float64, copy=False)
        return summed

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Return which patients of the study have at least one item (patients,)."""
        mask = np.zeros(self.patients, dtype=np.bool_)
        mask[self.patient] = True
        return mask

    @cached_property
    def several_patients(self) -> bool:
        """Return whether the items come from two or more patients."""
        return len(self) > 0 and bool((self.patient != self.patient[0]).any())

    @cached_property
    def several_cases(self) -> bool:
        """Return whether the items come from two or more cases."""
        return len(self) > 0 and bool((self.case != self.case[0]).any())
