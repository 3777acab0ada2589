"""A study in progress, and the state that must survive every incident."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.containers.people import Administrator, Coordinator, Reader
from tests.containers.stack import Stack

CASES = 2
SCORES = {"rita": [0, 0, 1, 1, 2, 2, 3, 3], "rolf": [0, 1, 1, 1, 2, 2, 2, 3]}
UNFINISHED = 3
seeds = itertools.count(4711)


@dataclass
class ReadStudy:
    """A study in which Rita has finished and Rolf has one reading left, with three scored cells."""

    stack: Stack
    coordinator: Coordinator
    readers: dict[str, Reader]
    case_ids: list[str]
    open_reading_id: str = ""
    report_path: str = ""
    expected: dict[str, Any] = field(default_factory=dict)

    def state(self) -> dict[str, Any]:
        """Return what must not change: settings, images, landmarks, scores and the report."""
        coordinator = self.coordinator
        setup = coordinator.get(f"/studies/{coordinator.slug}/setup").text
        open_reading = self.readers["rolf"].reading(self.open_reading_id)
        return {
            "setup": "Container study" in setup and "North Hospital" in setup,
            "pixels": {
                case_id: hashlib.sha256(coordinator.pixels(case_id)).hexdigest()
                for case_id in self.case_ids
            },
            "landmarks": {
                case_id: coordinator.case(case_id)["landmark_set"]["landmarks"]
                for case_id in self.case_ids
            },
            "scores": sorted(coordinator.download("readings.csv").splitlines()),
            "unfinished": [open_reading["cells"][cell] for cell in sorted(open_reading["cells"])],
            "report": hashlib.sha256(coordinator.get(self.report_path).body).hexdigest(),
        }

    def assert_unchanged(self) -> None:
        assert self.state() == self.expected

    def assert_new_upload_is_analysed(self) -> None:
        self.coordinator.wait_for_analysis(self.coordinator.upload_phantom(next(seeds)))


def read_study(stack: Stack, *, administrator: str) -> ReadStudy:
    """Take an empty installation to an interim report, through the pages and the API."""
    coordinator = set_up(stack, administrator)
    readers = {}
    for name in SCORES:
        readers[name] = Reader(stack.url)
        readers[name].join(coordinator.invite_reader("North Hospital"), name)
    case_ids = [coordinator.upload_phantom(next(seeds)) for _ in range(CASES)]
    for case_id in case_ids:
        coordinator.wait_for_analysis(case_id)
    assert coordinator.assign_and_open() == CASES * len(readers) * 2

    study = ReadStudy(stack, coordinator, readers, case_ids)
    read_all(readers["rita"], coordinator.slug, SCORES["rita"], leave=0)
    study.open_reading_id = read_all(readers["rolf"], coordinator.slug, SCORES["rolf"], leave=1)
    coordinator.unblind("The container test compares scores.")
    study.report_path = coordinator.make_report()
    assert coordinator.get(study.report_path).body.startswith(b"%PDF")
    study.expected = study.state()
    return study


def set_up(stack: Stack, administrator: str) -> Coordinator:
    adele = Administrator(stack.url)
    adele.sign_in(administrator)
    adele.add_coordinator("clara")
    coordinator = Coordinator(stack.url)
    coordinator.sign_in("clara")
    coordinator.create_study("Container study")
    coordinator.add_site("A", "North Hospital")
    return coordinator


def read_all(reader: Reader, slug: str, scores: list[int], *, leave: int) -> str:
    """Submit all readings but the last ``leave``; return the id of a partly scored one."""
    remaining = CASES * 2
    while remaining > leave:
        reading = reader.current(slug)
        assert reading, "the reading list ended early"
        reader.score(reading, scores)
        reader.submit_reading(reading)
        remaining -= 1
    reading = reader.current(slug)
    if reading is None:
        return ""
    reader.score(reading, scores[:UNFINISHED])
    return str(reading["id"])
