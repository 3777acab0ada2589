"""Counts of cases by the model that located their landmarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict

from django.db.models import Count, Max, Q

from studies.cases.querysets import CaseQuerySet
from studies.protocol.models import Study
from studies.registry.installed import installed_model
from studies.registry.models import RegisteredModel, StudyModel
from studies.registry.study_models import (
    analysis_model,
    checksum_of_assigned_cases,
    current_choice,
)
from studies.registry.usability import check_usable


class CaseCounts(TypedDict):
    """Ready cases: all, and those whose landmarks another model located."""

    ready: int
    other_model: int


@dataclass(frozen=True, slots=True)
class CasesOfWeights:
    """The number of cases that certain weights analysed."""

    name: str
    checksum: str
    cases: int

    def __str__(self) -> str:
        noun = "case" if self.cases == 1 else "cases"
        return f"{self.name} ({self.checksum[:12]}) in {self.cases} {noun}"


@dataclass(frozen=True, slots=True)
class BatchWeights:
    """The weights that analysed the cases of the next batch.

    ``choice`` is the choice of the study before the first assignment, if it has one. ``model`` is
    the model of the study or, before the first assignment, the one that this will fix;
    None if it is not registered. ``others`` are the cases that other weights analysed.
    """

    first: bool
    choice: StudyModel | None
    model: RegisteredModel | None
    cases: int
    others: tuple[CasesOfWeights, ...]

    @property
    def other_cases(self) -> int:
        """The number of cases that other weights analysed."""
        return sum(other.cases for other in self.others)

    @property
    def to_confirm(self) -> bool:
        """Whether a coordinator has to confirm the assignment of cases with these weights."""
        return self.first and bool(self.others)

    @property
    def text(self) -> str:
        """What is the matter and what to do, "" if all cases have the model's landmarks."""
        if not self.others:
            return ""
        verb = "was" if self.other_cases == 1 else "were"
        model = "most cases"
        if self.model is not None:
            model = f"{self.model.name} ({self.model.short_checksum})"
            model += ", which the first assignment fixes" if self.first else ""
        text = (
            f"{self.other_cases} of {self.cases} cases {verb} analysed with weights other than "
            f"those of {model}: {'; '.join(str(other) for other in self.others)}. "
        )
        if not self.first and self.model is None:
            return text.rstrip()
        if not self.first:
            return text + (
                "On the page Models, you can analyse unassigned cases again, except those whose "
                "landmarks a person corrected or confirmed."
            )
        return text + (
            "On the page Models, analyse these cases again, or select the model that analysed "
            "them. To assign the cases as they are, confirm this on the page Assignment."
        )


def count_cases_by_model(cases: CaseQuerySet, checksum: str) -> CaseCounts:
    """Count the ready cases, and those analysed by weights other than ``checksum``."""
    counts = (
        cases.ready()
        .filter(practice=False)
        .aggregate(
            ready=Count("pk"),
            other_model=Count("pk", filter=~Q(landmark_set__model_checksum=checksum)),
        )
    )
    return {"ready": counts["ready"], "other_model": counts["other_model"]}


def list_weights(cases: CaseQuerySet) -> list[CasesOfWeights]:
    """Return the weights that analysed cases, those of most cases first."""
    rows = (
        cases.order_by()
        .values_list("landmark_set__model_checksum")
        .annotate(name=Max("landmark_set__model_name"), number=Count("pk"))
    )
    return _sorted(CasesOfWeights(name, checksum, number) for checksum, name, number in rows)


def weights_of_rows(rows: Iterable[tuple[str, str]]) -> list[CasesOfWeights]:
    """Return the same from one row per case: checksum and name of its weights."""
    counts = Counter(rows)
    return _sorted(
        CasesOfWeights(name, checksum, number) for (checksum, name), number in counts.items()
    )


def _sorted(weights: Iterable[CasesOfWeights]) -> list[CasesOfWeights]:
    return sorted(weights, key=lambda one: (-one.cases, one.checksum))


def weights_of_batch(
    study: Study, weights: Sequence[CasesOfWeights], *, first: bool
) -> BatchWeights:
    """Return the weights that analysed the cases of the next batch, and the model of the study.

    The first assignment fixes the model that analysed all of its cases, if it is registered and the
    study may use it, even if another one is active by now. Otherwise, and if a coordinator selected
    a model, it fixes the model for new analyses.

    Parameters
    ----------
    weights
        From `list_weights` or `weights_of_rows`.

    Raises
    ------
    Conflict
        The study may use no model.
    """
    model = None
    choice = current_choice(study) if first else None
    if first and choice is None and len(weights) == 1:
        # Its first use registers it, which may be this one after an upgrade.
        installed_model()
        usable = RegisteredModel.objects.usable_by(study)
        model = usable.filter(checksum=weights[0].checksum).first()
    model = model or analysis_model(study)
    if choice is not None:
        # Images that the selected model was trained on may have been uploaded since.
        check_usable(study, choice.model)
    if model is not None:
        expected = model.checksum
    elif first:
        # Without a registered model, the weights of most cases count as those of the study.
        expected = weights[0].checksum if weights else ""
    else:
        expected = checksum_of_assigned_cases(study)
    others = tuple(one for one in weights if one.checksum != expected)
    return BatchWeights(first, choice, model, sum(one.cases for one in weights), others)
