"""The agreement page of a study in which different readers read in each arm."""

from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse
from sklearn.metrics import cohen_kappa_score

from studies.formats.numbers import decimal
from studies.sessions.models import Score
from tests.make import Cast, make_reader
from tests.reports.submitted_study import lock, submit_everything

pytestmark = pytest.mark.django_db


def grades_by_arm() -> dict[str, dict[str, dict[tuple[str, str], int]]]:
    """Return the grades of every arm and reader by case and cell."""
    grades: dict[str, dict[str, dict[tuple[str, str], int]]] = {}
    rows = Score.objects.values_list(
        *("reading__reading_list__arm", "reading__reading_list__reader__label"),
        *("reading__case__label", "cell", "score"),
    )
    for arm, reader, case, cell, score in rows:
        grades.setdefault(arm, {}).setdefault(reader, {})[case, cell] = score
    return grades


def test_page_compares_the_groups_by_their_kappas(client_of):
    cast = Cast(design="parallel", readers_per_case=2)
    make_reader(cast.study, cast.site, "rosa")
    make_reader(cast.study, cast.other_site, "sam")
    cast.assign_cases(6)
    submit_everything(cast)
    lock(cast)
    kappas = {}
    for arm, by_reader in grades_by_arm().items():
        first, second = by_reader.values()
        items = sorted(set(first) & set(second))
        kappas[arm] = cohen_kappa_score(
            *([grades[item] for item in items] for grades in (first, second)),
            labels=range(4),
            weights="linear",
        )
    address = reverse("agreement", args=[cast.study.slug])
    answer = client_of(cast.statistician).get(address)
    assert answer.status_code == 200
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())
    assert "parallel groups, 2 arms" in text
    assert "Parallel-group study: each reader read in one of 2 arms" in text
    for value in (*kappas.values(), kappas["guided"] - kappas["unguided"]):
        assert decimal(value) in text
    # The patients are those of both groups, because no patient has a difference within readers.
    assert f"Guided − unguided 6 {decimal(kappas['guided'] - kappas['unguided'])} (" in text
