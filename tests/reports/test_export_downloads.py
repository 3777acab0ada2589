"""Downloads for other programs: who gets them before and after the lock, and what they contain."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.urls import reverse

from studies.analytics.scale import CELLS
from studies.audit.models import Event
from studies.reports.exports import parquet
from studies.reports.exports.parquet import can_write_parquet
from studies.reports.models import ReferenceGrades
from tests.make import Cast

pytestmark = pytest.mark.django_db
SCORES = ("redcap-csv", "imrmc")
OPEN = ("r-syntax", "stata-syntax", "spss-syntax", "redcap-dictionary")


def get(client: Any, name: str, cast: Cast, query: str = "") -> Any:
    return client.get(reverse(name, args=[cast.study.slug]) + query)


def text_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode()


def know_reference_grades(cast: Cast) -> None:
    for number, case in enumerate(cast.study.cases.order_by("pk")):
        grades = dict.fromkeys(CELLS, number % 3)
        ReferenceGrades.objects.create(case=case, grades=grades, source="planted")


@pytest.mark.parametrize("name", OPEN)
def test_descriptions_of_columns_are_open_before_the_lock(read, client_of, name) -> None:
    assert get(client_of(read.statistician), name, read).status_code == 200
    assert get(client_of(read.reader.user), name, read).status_code == 404


@pytest.mark.parametrize("name", SCORES)
def test_scores_stay_masked_until_the_lock(read, client_of, name) -> None:
    assert get(client_of(read.statistician), name, read).status_code == 403
    assert not Event.objects.filter(action="data.downloaded").exists()


@pytest.mark.parametrize("name", SCORES)
def test_download_after_the_lock_is_recorded(locked, client_of, name) -> None:
    know_reference_grades(locked)
    response = get(client_of(locked.statistician), name, locked)
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    assert Event.objects.get(action="data.downloaded", subject=name).actor == locked.statistician


def test_redcap_file_has_every_reading(locked, client_of) -> None:
    text = text_of(get(client_of(locked.coordinator), "redcap-csv", locked))
    records = list(csv.DictReader(io.StringIO(text, newline="")))
    assert sum(record["redcap_repeat_instrument"] == "reading" for record in records) == 24
    assert sum(record["redcap_repeat_instrument"] == "" for record in records) == 6


def test_imrmc_uses_the_high_group_unless_a_cut_is_given(locked, client_of) -> None:
    know_reference_grades(locked)
    client = client_of(locked.coordinator)
    assert "at least 6 in the reference standard" in text_of(get(client, "imrmc", locked))
    text = text_of(get(client, "imrmc", locked, "?cut=16"))
    assert "at least 16 in the reference standard" in text
    assert text.count("\n-1,") == 6


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("?cut=many", "whole number from 1 to 24"),
        (f"?cut={'9' * 5000}", "whole number from 1 to 24"),
        ("?cut=24", "is below 24"),
        ("", "no case of this study has one"),
    ],
)
def test_imrmc_explains_why_it_is_not_possible(locked, client_of, query, reason) -> None:
    if query:
        know_reference_grades(locked)
    client = client_of(locked.coordinator)
    client.raise_request_exception = False
    response = get(client, "imrmc", locked, query)
    assert response.status_code == 400
    assert reason in response.content.decode()
    assert not Event.objects.filter(subject="imrmc").exists()


@pytest.mark.skipif(not can_write_parquet(), reason="pyarrow is missing")
def test_parquet_file_has_the_rows_of_the_tidy_table(locked, client_of) -> None:
    client = client_of(locked.statistician)
    content = b"".join(get(client, "parquet", locked).streaming_content)
    frame = pytest.importorskip("pandas").read_parquet(io.BytesIO(content))
    rows = list(csv.DictReader(io.StringIO(text_of(get(client, "tidy-csv", locked)), newline="")))
    assert frame["score"].sum() == sum(int(row["score"]) for row in rows)
    assert list(frame["reader"]) == [row["reader"] for row in rows]
    assert Event.objects.get(subject="parquet").actor == locked.statistician


def test_missing_pyarrow_is_explained(locked, client_of, monkeypatch) -> None:
    monkeypatch.setattr(parquet, "pyarrow", None)
    client = client_of(locked.statistician)
    client.raise_request_exception = False
    response = get(client, "parquet", locked)
    assert response.status_code == 501
    assert "requirements-parquet.txt" in response.content.decode()
    page = text_of(get(client, "downloads", locked))
    assert "the package pyarrow is not installed" in page
    assert not Event.objects.filter(subject="parquet").exists()


def test_parquet_is_masked_until_the_lock(read, client_of) -> None:
    assert get(client_of(read.statistician), "parquet", read).status_code == 403


def test_page_offers_each_export_and_says_for_whom_it_is(locked, client_of) -> None:
    page = text_of(get(client_of(locked.coordinator), "downloads", locked))
    for name in (*SCORES, *OPEN):
        assert reverse(name, args=[locked.study.slug]) in page
