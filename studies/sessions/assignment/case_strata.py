"""The strata of a study's cases, and their balance in a stored assignment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from studies.analytics.scale import CELLS, group_of
from studies.cases.models import Case
from studies.protocol.models import Study
from studies.sessions.assignment.strata import Stratum, StratumBalance
from studies.sessions.models import AssignedStratum


def strata_of_cases(study: Study, cases: Collection[str]) -> dict[str, Stratum]:
    """Return the stratum of each case from scanner, site and reference standard, in one query."""
    # The reference standard belongs to the reports, which this app does not import.
    rows = Case.objects.filter(study=study, pk__in=cases).values_list(
        "pk", "scanner", "site__code", "reference_grades__grades"
    )
    limits = study.group_limits
    return {
        str(pk): Stratum(scanner, site, _group_of(grades, limits))
        for pk, scanner, site, grades in rows
    }


def store_strata(*, study: Study, batch: int, balance: Iterable[StratumBalance]) -> None:
    """Store the balance of a batch; must run in the transaction of its assignment."""
    AssignedStratum.objects.bulk_create(
        AssignedStratum(
            study=study,
            batch=batch,
            scanner=entry.stratum.scanner,
            site=entry.stratum.site,
            group=entry.stratum.group,
            cases=entry.cases,
            fewest=entry.fewest,
            most=entry.most,
        )
        for entry in balance
    )


def _group_of(grades: Mapping[str, int] | None, limits: tuple[int, int]) -> str:
    """Return the AAC group of reference grades, "" without any."""
    if grades is None:
        return ""
    return group_of(sum(grades[cell] for cell in CELLS), limits) or ""
