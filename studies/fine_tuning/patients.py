"""Patients of a run that can be held out: those whom the initial weights were not trained on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from inference.patient_groups import group_patients
from studies.cases.models import Case, Image
from studies.fine_tuning.models import FineTuningCase, FineTuningRun
from studies.registry.models import RegisteredModel


@dataclass(frozen=True, slots=True)
class Patients:
    """Patients of a run, where pseudonyms that share an image count as one patient.

    Attributes
    ----------
    of_case
        Code of the patient by primary key of the case.
    trained_before
        Patients whose cases the initial weights were trained or selected on.
    """

    of_case: Mapping[Any, str]
    trained_before: frozenset[str]

    @property
    def codes(self) -> frozenset[str]:
        """The codes of all patients."""
        return frozenset(self.of_case.values())

    @property
    def unseen(self) -> frozenset[str]:
        """The codes of the patients that can be held out."""
        return self.codes - self.trained_before


def find_patients(cases: Sequence[Case], start: RegisteredModel) -> Patients:
    """Return the patients of cases, selected with study, patient and image.

    Parameters
    ----------
    start
        The model to start from. What it and the models before it were trained on follows from
        their fine-tuning runs. Of weights that were trained elsewhere only the studies are known,
        so that all patients of these studies count.
    """
    groups = group_patients((_code(case), case.image.pixel_hash) for case in cases)
    of_case = {case.pk: groups[_code(case)] for case in cases}
    seen = _cases_seen_by(start)
    patients = set(
        seen.filter(patient__in={case.patient_id for case in cases}).values_list(
            "patient", flat=True
        )
    )
    # The same image can be in another study, under another pseudonym. Weights do not forget an
    # image whose case was rejected, so it counts as seen even if it was only tested on.
    hashes = {case.image.pixel_hash for case in cases}
    images = Image.objects.filter(pixel_hash__in=hashes)
    seen_hashes = set(images.filter(case__in=seen).values_list("pixel_hash", flat=True))
    trained = start.trained_images.filter(pixel_hash__in=hashes)
    tested = images.filter(case__in=_cases_tested_by(start))
    seen_hashes |= set(
        trained.exclude(pixel_hash__in=tested.values("pixel_hash")).values_list(
            "pixel_hash", flat=True
        )
    )
    before = {
        of_case[case.pk]
        for case in cases
        if case.patient_id in patients or case.image.pixel_hash in seen_hashes
    }
    return Patients(of_case, frozenset(before))


def _code(case: Case) -> str:
    return f"{case.study.slug}/{case.patient.label}"


def _cases_seen_by(start: RegisteredModel) -> Any:
    """Return the cases that weights, or the weights before them, were trained or selected on."""
    condition = Q(pk__in=[])
    for model in _lineage(start):
        runs = FineTuningRun.objects.filter(result=model)
        if runs.exists():
            # Runs of earlier versions stored no parts: all their cases count.
            rows = FineTuningCase.objects.filter(run__in=runs)
            condition |= Q(pk__in=rows.exclude(part=FineTuningCase.Part.TEST).values("case"))
        else:
            condition |= Q(study__in=model.source_studies.all())
    return Case.objects.filter(condition).order_by()


def _cases_tested_by(start: RegisteredModel) -> Any:
    """Return the cases that fine-tuned weights, or the weights before them, were tested on."""
    rows = FineTuningCase.objects.filter(
        run__result__in=list(_lineage(start)), part=FineTuningCase.Part.TEST
    )
    return rows.values("case")


def _lineage(model: RegisteredModel) -> Iterator[RegisteredModel]:
    """Yield a model and those that its weights were trained from, the latest first."""
    current: RegisteredModel | None = model
    while current is not None:
        yield current
        current = current.parent
