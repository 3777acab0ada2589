from __future__ import annotations

import hashlib
import json
import re
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from statsmodels.stats.inter_rater import cohens_kappa

from studies.analytics.io.tidy_csv import parse_csv
from studies.analytics.ratings import pair_of
from studies.audit.models import Event
from studies.celery import app
from studies.formats.numbers import decimal
from studies.reports.models import ReportRun
from studies.reports.tasks import make_report_task
from studies.sessions.models import InterimLook
from tests.make import Cast
from tests.reports.files.test_reproduce import reproduce
from tests.reports.submitted_study import lock

pytestmark = pytest.mark.django_db

FILES = ("tidy-csv", "workbook", "statistics-json", "nhanes-csv", "reproduce-script")


def content_of(response) -> bytes:
    return b"".join(response.streaming_content)


def page(client, name: str, cast: Cast, **query: str):
    return client.get(reverse(name, args=[cast.study.slug]), query)


def test_before_the_lock_there_is_no_score_and_no_file(read, client_of):
    for person in (read.coordinator, read.statistician):
        client = client_of(person)
        shown = page(client, "agreement", read).content.decode()
        assert "Scores are masked until the study is locked" in shown
        assert "kappa" not in shown
        assert (
            "masked until the study is locked" in page(client, "downloads", read).content.decode()
        )
        for name in FILES:
            assert page(client, name, read).status_code == 403
        assert page(client, "make-report", read).status_code == 405
        url = reverse("agreement-figure", args=[read.study.slug, "pairs"])
        assert client.get(url).status_code == 403
        assert client.get(f"/api/v1/studies/{read.study.slug}/agreement").status_code == 403


@pytest.mark.parametrize("role", ["reader", "other_reader", "site_coordinator", "outsider"])
def test_people_without_access_to_scores_get_404_even_after_the_lock(locked, client_of, role):
    person = getattr(locked, role)
    client = client_of(getattr(person, "user", person))
    for name in ("agreement", "downloads", "codebook", *FILES):
        assert page(client, name, locked).status_code == 404, name


def test_agreement_page_shows_times_in_the_users_time_zone(locked, client_of):
    locked.statistician.time_zone = "Pacific/Auckland"
    locked.statistician.save()
    shown = page(client_of(locked.statistician), "agreement", locked).content.decode()
    locked_at = locked.study.locked_at.astimezone(ZoneInfo("Pacific/Auckland"))
    assert f"<dt>Database lock</dt><dd>{locked_at:%-d %b %Y, %H:%M}</dd>" in shown
    assert f"<dt>Data snapshot</dt><dd>{locked_at:%-d %b %Y, %H:%M}</dd>" in shown


def test_agreement_page_has_the_main_finding_figures_and_tables(locked, client_of):
    client = client_of(locked.statistician)
    shown = page(client, "agreement", locked).content.decode()
    response = re.search(r'<p class="answer">(.*?)</p>', shown, re.DOTALL)
    assert response is not None
    assert "mean linearly weighted kappa" in response.group(1)
    assert "insufficient for a conclusion" in response.group(1)
    addresses = re.findall(r'<img src="([^"]+)"', shown)
    assert len(addresses) == 9
    for address in addresses:
        drawn = client.get(address.replace("&amp;", "&"))
        assert drawn["Content-Type"] == "image/svg+xml"
        assert b"<svg" in drawn.content
        assert "private" in drawn["Cache-Control"]
    assert "Fleiss, Cohen and Everitt" in shown
    assert "made for a test" in shown


def test_page_and_api_state_the_primary_interval_and_the_other_one(locked, client_of):
    client = client_of(locked.statistician)
    shown = page(client, "agreement", locked).content.decode().replace("\u00a0", " ")
    answer = client.get(f"/api/v1/studies/{locked.study.slug}/agreement").json()["answer"]
    interval = answer["interval"]
    assert (interval["method"], interval["level"], interval["resamples"]) == (
        "expanded",
        0.95,
        2000,
    )
    assert (interval["seed"], interval["other_method"]) == (locked.study.seed, "delta")
    low, high = (decimal(limit) for limit in interval["ci"])
    assert f"95 % CI {low} to {high}" in answer["sentence"]
    detail = re.search(r'<p class="answer-detail">(.*?)</p>', shown, re.DOTALL)
    assert detail is not None
    assert "expanded percentile bootstrap over patients (2,000 resamples, seed" in detail.group(1)
    assert "fixed this interval before any score was seen" in detail.group(1)
    low, high = (decimal(limit) for limit in interval["other_ci"])
    assert f"By the delta method: {low} to {high}." in detail.group(1)


def test_filters_are_part_of_the_address(locked, client_of):
    client = client_of(locked.coordinator)
    query = {"outcome": "L2", "weights": "quadratic", "arm": "unguided", "pair": "R01~R02"}
    shown = page(client, "agreement", locked, **query).content.decode()
    assert "L2, both walls" in shown
    assert "outcome=L2&amp;weights=quadratic&amp;arm=unguided" in shown
    assert "in the unguided arm" in shown
    addresses = re.findall(r'<img src="([^"]+)"', shown)
    assert len(addresses) == 7
    for address in addresses:
        assert client.get(address.replace("&amp;", "&")).status_code == 200
    odd = page(client, "agreement", locked, outcome="../x", weights="cubic", pair="a~b", site="?")
    assert odd.status_code == 200


def test_unknown_figure_is_not_found(locked, client_of):
    client = client_of(locked.coordinator)
    for name in ("nothing", "confusion", "confusion-9", "pairs-0", "totals-x"):
        url = reverse("agreement-figure", args=[locked.study.slug, name])
        assert client.get(url).status_code == 404, name


def test_study_without_readings_states_the_next_step(cast, client_of):
    cast.assign_cases(2)
    lock(cast)
    client = client_of(cast.coordinator)
    assert "No readings yet" in page(client, "agreement", cast).content.decode()
    assert page(client, "workbook", cast).status_code == 409


def test_interim_look_needs_a_reason_is_logged_and_stays_in_the_report(read, client_of):
    client = client_of(read.coordinator)
    url = reverse("interim-look", args=[read.study.slug])
    assert client.post(url, {"reason": " "}, format="multipart").status_code == 400
    assert not InterimLook.objects.exists()
    client.post(url, {"reason": "Safety board"}, format="multipart")
    look = InterimLook.objects.get()
    assert (look.by, look.reason) == (read.coordinator, "Safety board")
    assert Event.objects.get(action="scores.looked_at").data == {"reason": "Safety board"}
    shown = page(client, "agreement", read).content.decode()
    assert "interim look" in shown
    assert "Safety board" in shown
    other = page(client_of(read.statistician), "agreement", read).content.decode()
    assert "Scores are masked until the study is locked" in other


def test_csv_contains_every_cell_and_gives_the_numbers_of_the_page(locked, client_of):
    client = client_of(locked.coordinator)
    response = page(client, "tidy-csv", locked)
    text = b"".join(response.streaming_content).decode()
    table = parse_csv(text)
    assert len(table) == 24
    pair = pair_of(table, "cells", "guided", table.readers)
    url = f"/api/v1/studies/{locked.study.slug}/agreement"
    records = client.get(url, {"weights": "quadratic"}).json()["results"]
    kappa = next(
        record
        for record in records
        if record["statistic"] == "cohen_kappa" and record["arm"] == "guided"
    )
    oracle = cohens_kappa(pair.counts(), wt="quadratic")
    assert kappa["value"] == pytest.approx(oracle.kappa, abs=1e-9)
    assert Event.objects.filter(action="data.downloaded", subject="tidy-csv").exists()


def test_statistics_and_codebook_are_attachments(locked, client_of):
    client = client_of(locked.coordinator)
    whole = json.loads(content_of(page(client, "statistics-json", locked)))
    assert whole["results"]
    assert len(whole["data_hash"]) == 64
    book = b"".join(page(client, "codebook", locked).streaming_content)
    assert b"landmark_set" in book


def test_report_is_requested_created_listed_and_downloaded(
    locked, client_of, django_capture_on_commit_callbacks, monkeypatch
):
    queued = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **options: queued.extend(args))
    client = client_of(locked.coordinator)
    client.post(reverse("make-report", args=[locked.study.slug]))
    run = ReportRun.objects.get()
    assert queued == [str(run.pk)]
    assert "waiting for the worker" in page(client, "downloads", locked).content.decode()
    make_report_task(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.interim, run.steps_done) == ("done", False, run.steps)
    shown = page(client, "downloads", locked).content.decode()
    assert "(PDF)" in shown
    assert reverse("report-page", args=[locked.study.slug, run.pk]) in shown
    response = client.get(reverse("report-file", args=[locked.study.slug, run.pk]))
    document = b"".join(response.streaming_content)
    assert document.startswith(b"%PDF")
    make_report_task(str(run.pk))
    listed = client.get(f"/api/v1/studies/{locked.study.slug}/reports").json()["results"]
    assert [report["state"] for report in listed] == ["done"]
    second = ReportRun.objects.create(
        study=locked.study, by=locked.coordinator, snapshot_at=locked.study.locked_at
    )
    make_report_task(str(second.pk))
    second.refresh_from_db()
    assert second.document_hash == run.document_hash


def test_report_of_another_study_is_not_found(locked, client_of):
    client = client_of(locked.outsider)
    run = ReportRun.objects.create(
        study=locked.study, by=locked.coordinator, snapshot_at=locked.study.locked_at
    )
    url = reverse("report-file", args=[locked.outside_study.slug, run.pk])
    assert client.get(url).status_code in (403, 404)


def test_failed_report_gives_a_reason(locked, monkeypatch):
    def broken(*args, **options):
        raise ValueError("a bug")

    monkeypatch.setattr("studies.reports.report_runs.make_document", broken)
    run = ReportRun.objects.create(
        study=locked.study, by=locked.coordinator, snapshot_at=locked.study.locked_at
    )
    make_report_task(str(run.pk))
    run.refresh_from_db()
    assert run.state == "failed"
    assert "worker" in run.failure


def test_pages_carry_no_inline_script_or_style(locked, client_of):
    client = client_of(locked.coordinator)
    for name in ("agreement", "downloads"):
        shown = page(client, name, locked).content.decode()
        assert " style=" not in shown
        assert "<style" not in shown
        assert not re.search(r"<script(?![^>]*\bsrc=)", shown)


def test_nhanes_file_and_its_codebook_are_attachments(locked, client_of):
    client = client_of(locked.statistician)
    lines = b"".join(page(client, "nhanes-csv", locked).streaming_content).decode().splitlines()
    assert len(lines) == 25
    assert "DXXAAC24" in lines[0]
    book = b"".join(page(client, "nhanes-codebook", locked).streaming_content).decode()
    assert "DXXAL1CC" in book


def test_script_from_the_downloads_finds_every_published_number(locked, client_of, tmp_path):
    client = client_of(locked.coordinator)
    paths = [tmp_path / name for name in ("reproduce.py", "readings.csv", "agreement.json")]
    paths[0].write_bytes(page(client, "reproduce-script", locked).content)
    paths[1].write_bytes(b"".join(page(client, "tidy-csv", locked).streaming_content))
    paths[2].write_bytes(content_of(page(client, "statistics-json", locked)))
    done = reproduce(*paths)
    assert done.returncode == 0, done.stderr
    assert "not the one" not in done.stderr
    assert ", 0 differ." in done.stderr


def test_csv_pdf_and_html_of_the_same_snapshot_are_the_same_bytes(locked, client_of):
    client = client_of(locked.coordinator)
    first, second = (content_of(page(client, "tidy-csv", locked)) for _ in range(2))
    assert first == second
    runs = [
        ReportRun.objects.create(
            study=locked.study, by=locked.coordinator, snapshot_at=locked.study.locked_at
        )
        for _ in range(2)
    ]
    for run in runs:
        make_report_task(str(run.pk))
        run.refresh_from_db()
    assert runs[0].data_hash == hashlib.sha256(first).hexdigest()
    for hashed, name in (("document_hash", "report-file"), ("page_hash", "report-page")):
        assert getattr(runs[0], hashed) == getattr(runs[1], hashed)
        response = client.get(reverse(name, args=[locked.study.slug, runs[0].pk]))
        assert hashlib.sha256(content_of(response)).hexdigest() == getattr(runs[0], hashed)
        assert "attachment" in response["Content-Disposition"]
