"""The downloaded files of a study with AAC-8, measured readings and first values, read again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from studies.analytics.cli.main import main
from studies.protocol.models import Study
from studies.sessions.models import Reading, Score
from tests.make import Cast
from tests.reports.files.test_reproduce import reproduce
from tests.reports.measured_study import submit_measured
from tests.reports.submitted_study import lock

pytestmark = pytest.mark.django_db

DOWNLOADS = {
    "readings.csv": "tidy-csv",
    "agreement.json": "statistics-json",
    "reproduce.py": "reproduce-script",
}


@pytest.fixture
def folder(tmp_path: Path, client_of: Any) -> Path:
    """The files of a locked study, in which a wall and a cell were not readable."""
    cast = Cast(
        arms=["unguided", "measured"],
        scores=Study.Scores.AAC24_AAC8,
        revision_rule=Study.RevisionRule.PERIOD,
    )
    cast.assign_cases(6)
    submit_measured(cast)
    for reading, cell in zip(
        Reading.objects.all()[:2], ("all_anterior", "L2_anterior"), strict=True
    ):
        Score.objects.filter(reading=reading, cell=cell).update(
            score=None, validity=6, reason='=implant, "old"'
        )
    lock(cast)
    client = client_of(cast.coordinator)
    for name, address in DOWNLOADS.items():
        answer = client.get(reverse(address, args=[cast.study.slug]))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_every_published_number_follows_from_the_csv(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readings, statistics = folder / "readings.csv", folder / "agreement.json"
    header = readings.read_text().splitlines()[0]
    for column in ("measured_score", "measured_aac8", "first_score", "revisions"):
        assert column in header
    done = reproduce(folder / "reproduce.py", readings, statistics)
    assert done.returncode == 0, done.stderr
    assert ", 0 differ." in done.stderr
    assert "not the one from which" not in done.stderr
    # The command is independent of the script, which a study fills in.
    assert main([str(readings), "--json", "--compare", "measured,unguided"]) == 0
    printed = {_name(record): record for record in json.loads(capsys.readouterr().out)["results"]}
    outcomes = {record["outcome"] for record in printed.values()}
    assert {"aac8", "aac8_anterior", "aac8_group", "measured_cells", "calcified_mm"} <= outcomes
    published = json.loads(statistics.read_text())["results"]
    assert len(printed) == len(published)
    for record in published:
        mine = printed[_name(record)]
        assert mine["value"] == pytest.approx(record["value"], abs=1e-9), record
        assert (mine["n"], mine["note"]) == (record["n"], record["note"])


def _name(record: dict[str, Any]) -> str:
    """Return what identifies a number: every field except its value and accuracy."""
    numbers = ("value", "se", "ci", "n", "note", "quartiles", "method")
    return json.dumps({key: value for key, value in record.items() if key not in numbers})
