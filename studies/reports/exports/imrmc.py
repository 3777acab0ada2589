"""AAC-24 totals in the list mode of iMRMC, for multi-reader multi-case analysis of the AUC.

Reference: iMRMC user manual (Division of Imaging, Diagnostics and Software Reliability, FDA).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from studies.analytics.scale import HIGHEST_TOTAL, MISSING
from studies.analytics.table import ReadingTable

TOTAL: Final = "aac24"
TRUTH_READER, TRUTH_MODALITY = "-1", "0"


class NoTruth(ValueError):
    """Scores cannot be compared with a reference standard; the message gives the reason."""


def imrmc_lines(table: ReadingTable, *, study: str, cut: int) -> Iterator[str]:
    """Return the file line by line.

    Scores are the AAC-24 totals of first readings. A case is diseased if its total in the
    reference standard is at or above the threshold. Cases without a reference standard and totals
    with a missing grade are left out.

    Parameters
    ----------
    table
        The readings.
    study
        Name of the study, for the first line.
    cut
        Lowest total of a diseased case, 1 to 24.

    Raises
    ------
    NoTruth
        If no case has a reference standard, or all are on one side of the threshold.
    """
    if not 1 <= cut <= HIGHEST_TOTAL:
        raise NoTruth(f"The threshold (cut) must be a whole number from 1 to {HIGHEST_TOTAL}.")
    reference = table.reference_ratings(TOTAL)
    known = np.flatnonzero(reference != MISSING)
    if not len(known):
        raise NoTruth(
            "iMRMC compares scores with a reference standard, and no case of this study has one."
        )
    diseased = reference[known] >= cut
    if diseased.all() or not diseased.any():
        side = "at or above" if diseased.all() else "below"
        raise NoTruth(
            f"The reference total of every case is {side} {cut}. Choose another threshold, for "
            "example ?cut=2."
        )
    return _lines(table, study, cut, reference)


def _lines(table: ReadingTable, study: str, cut: int, reference: np.ndarray) -> Iterator[str]:
    known = np.flatnonzero(reference != MISSING)
    diseased = int((reference[known] >= cut).sum())
    yield f"VerteRead study {study}: AAC-24 totals by reader and arm\n"
    yield f"Diseased: AAC-24 total of at least {cut} in the reference standard\n\n"
    # The order of these lines is that of the manual's example.
    yield f"N0: {len(known) - diseased}\nN1: {diseased}\nNR: {len(table.readers)}\n"
    yield f"NM: {len(table.arms)}\n\nBEGIN DATA:\n"
    for case in known:
        truth = int(reference[case] >= cut)
        yield f"{TRUTH_READER},{table.cases[case]},{TRUTH_MODALITY},{truth}\n"
    for arm in table.arms:
        modality = (arm or "all").replace(" ", "_")
        totals = table.ratings(TOTAL, arm)
        for reader, of_reader in zip(table.readers, totals, strict=True):
            for case in known:
                if of_reader[case] != MISSING:
                    yield f"{reader},{table.cases[case]},{modality},{of_reader[case]}\n"
