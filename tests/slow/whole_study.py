"""A study read through the API with random grades, its report, and independent computations."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from typing import Any

import numpy as np
from django.db.models import F
from django.utils import timezone
from scipy.stats import norm
from sklearn.metrics import cohen_kappa_score

from studies.analytics.scale import CELLS
from studies.formats.numbers import decimal
from studies.reports.document.methods.paragraphs import methods
from studies.reports.models import ReportRun
from studies.reports.tasks import make_report_task
from studies.sessions.models import Reading, Score
from tests.make import Cast
from tests.sessions.reading_room import Room

Grades = dict[tuple[str, str, str, int], list[int]]
"""Grades of the cells by reader, case, arm and replicate, as the readers of a test entered them."""


class Reader(Room):
    """A reader who enters grades at random, and remembers them."""

    def __init__(self, client: Any, slug: str, label: str, entered: Grades) -> None:
        super().__init__(client, slug)
        self.label, self.entered = label, entered
        self.random = random.Random(label)

    def read_one(self) -> Reading:
        pk = self.open()
        reading = Reading.objects.select_related("reading_list", "case").get(pk=pk)
        truth = random.Random(reading.case.label)
        versions = dict(Score.objects.filter(reading=pk).values_list("cell", "version"))
        slip = 0.1 if reading.arm == "guided" else 0.4
        grades = []
        for cell in CELLS:
            grade = truth.randrange(4)
            if self.random.random() < slip:
                grade = self.random.randrange(4)
            grades.append(grade)
            answer = self.put(pk, cell, score=grade, version=versions.get(cell, 0))
            assert answer.status_code == 200, answer.content
        assert self.submit(pk).status_code == 200
        key = (self.label, reading.case.label, reading.arm, reading.replicate)
        self.entered[key] = grades
        return reading

    def read_all(self, *, most: int | None = None) -> int:
        """Read until nothing is left now; return the number of readings."""
        count = 0
        while (most is None or count < most) and self.status()["current"] is not None:
            self.read_one()
            count += 1
        return count


def readers_of(cast: Cast, client_of: Any, entered: Grades) -> list[Reader]:
    members = cast.study.memberships.filter(role="reader", active=True).order_by("label")
    return [Reader(client_of(m.user), cast.study.slug, m.label, entered) for m in members]


def let_time_pass(days: int) -> None:
    Reading.objects.filter(opened_at__isnull=False).update(
        opened_at=F("opened_at") - timedelta(days=days),
        submitted_at=F("submitted_at") - timedelta(days=days),
    )


def pair_kappa(entered: Grades, arm: str, first: str, second: str) -> float | None:
    """Return the linear kappa of the pooled cells, replicate 1 alone; None below two cases."""
    cases = [
        case
        for reader, case, name, replicate in entered
        if (reader, name, replicate) == (first, arm, 1) and (second, case, arm, 1) in entered
    ]
    if len(cases) < 2:
        return None
    sides = (
        np.concatenate([entered[reader, case, arm, 1] for case in cases])
        for reader in (first, second)
    )
    return float(cohen_kappa_score(*sides, labels=range(4), weights="linear"))


def mean_kappa(entered: Grades, arm: str) -> float:
    """Return the mean of the kappas over the pairs of readers."""
    readers = sorted({reader for reader, _, _, _ in entered})
    kappas = [pair_kappa(entered, arm, *pair) for pair in combinations(readers, 2)]
    return float(np.mean([kappa for kappa in kappas if kappa is not None]))


def mean_result(results: Any, statistic: str, **more: Any) -> float:
    matching = [
        result
        for result in results.find(statistic, outcome="cells", weights="linear")
        if all(result.more.get(name) == value for name, value in more.items())
    ]
    assert len(matching) == 1, matching
    return matching[0].estimate.value


def repeated(entered: Grades, arm: str) -> Iterator[tuple[str, list[int], list[int]]]:
    """Yield reader, first and second grades of every hidden repeat of an arm."""
    for (reader, case, name, replicate), grades in entered.items():
        if (name, replicate) == (arm, 2):
            yield reader, entered[reader, case, arm, 1], grades


def mean_intrareader_kappa(entered: Grades, arm: str) -> float:
    """Return the mean over readers of the linear kappa of the pooled cells of their repeats."""
    pairs: dict[str, tuple[list[int], list[int]]] = {}
    for reader, first, again in repeated(entered, arm):
        firsts, seconds = pairs.setdefault(reader, ([], []))
        firsts += first
        seconds += again
    kappas = [
        cohen_kappa_score(*both, labels=range(4), weights="linear") for both in pairs.values()
    ]
    return float(np.mean(kappas))


def limits_of_repeats(entered: Grades, arm: str) -> list[float]:
    """Return bias and limits of agreement of the totals, first minus repeat, of all readers."""
    differences = [sum(first) - sum(again) for _, first, again in repeated(entered, arm)]
    bias, sd = np.mean(differences), np.std(differences, ddof=1)
    return [float(bias + norm.ppf(share) * sd) for share in (0.5, 0.025, 0.975)]


class Report:
    """A finished report: its text, and the cells of its tables."""

    def __init__(self, cast: Cast) -> None:
        run = ReportRun.objects.create(
            study=cast.study,
            by=cast.coordinator,
            snapshot_at=cast.study.locked_at or timezone.now(),
        )
        make_report_task(str(run.pk))
        run.refresh_from_db()
        assert run.state == "done", run.failure
        with run.page.open() as file:
            self._page = file.read().decode()
        self.text = _text(self._page)
        self.alternatives = html.unescape(" ".join(re.findall(r'alt="([^"]*)"', self._page)))

    def row(self, words: str, first: str) -> list[str]:
        """Return the further cells of a row of the only table with these words."""
        tables = re.findall(r'<figure class="table".*?</figure>', self._page, re.DOTALL)
        (table,) = (one for one in tables if words in _text(one))
        rows = [
            [_text(cell) for cell in re.findall(r"<t[hd]\b.*?</t[hd]>", row, re.DOTALL)]
            for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)
        ]
        (cells,) = (cells for cells in rows if cells and cells[0] == first)
        return cells[1:]


def _text(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def shows(cell: str, value: float) -> bool:
    """Return whether a cell of a table starts with a value as the report prints it."""
    return cell.split(" (")[0] == decimal(value)


def methods_text(snapshot: Any) -> str:
    paragraphs = methods(snapshot.summary, snapshot.table, snapshot.results)
    return " ".join(text for _, text in paragraphs)
