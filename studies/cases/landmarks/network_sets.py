"""The landmarks of cases as the network placed them, without later corrections by people."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from studies.cases.models import LandmarkSet

_UNCHANGED = (LandmarkSet.Source.FLIPPED, LandmarkSet.Source.TAKEN)
"""Corrections that keep the network's corners and level labels."""


def find_network_sets(cases: Collection[Any]) -> dict[str, UUID]:
    """Return the version of each case with the network's corners and level labels, in one query.

    It is the latest such version since the last analysis that has the anterior side of the current
    landmarks: a person's change of the side is the only correction that it may contain, because the
    side also determines how image and score pad are displayed. A case without one is left out.
    """
    latest: dict[str, UUID] = {}
    for version in _network_versions(cases):
        if version.analysis:
            # Earlier analyses used a previous version of the image or another model.
            latest.pop(version.case, None)
        if version.current_side:
            latest[version.case] = version.pk
    return latest


def count_unchanged(landmark_sets: Mapping[UUID, Any]) -> int:
    """Count the landmark sets whose corners and level labels are those of the network.

    ``landmark_sets`` has the case of each set.
    """
    network = {version.pk for version in _network_versions(set(landmark_sets.values()))}
    return len(network.intersection(landmark_sets))


@dataclass(frozen=True, slots=True)
class _NetworkVersion:
    """A version without corrections except of the anterior side."""

    pk: UUID
    case: str
    analysis: bool
    current_side: bool


def _network_versions(cases: Collection[Any]) -> Iterator[_NetworkVersion]:
    versions = LandmarkSet.objects.filter(case__in=cases).order_by("case", "version")
    rows = versions.values_list("pk", "case", "source", "parent", "anterior", "case__anterior")
    network: set[UUID] = set()
    for pk, case, source, parent, side, current_side in rows:
        analysis = source == LandmarkSet.Source.MODEL
        if analysis or (source in _UNCHANGED and parent in network):
            network.add(pk)
            yield _NetworkVersion(pk, str(case), analysis, side == current_side)
