"""Headlines: their intervals are stored in the shared cache, and a worker prepares them."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.urls import reverse

from studies.reports.cache import headlines
from studies.reports.filters import parse_selection
from studies.reports.snapshot import current_snapshot
from studies.reports.tasks import prepare_snapshot_task
from studies.sessions.study_lifecycle import PREPARE_SNAPSHOT

pytestmark = pytest.mark.django_db


class OtherProcess(Exception):
    """Raised where a second process would compute again what it should read from the cache."""


def headline_of(study):
    return parse_selection(QueryDict(), current_snapshot(study)).headline


def forget(monkeypatch) -> None:
    """Empty the caches of this process, as in a process that has just started."""
    cached = headlines.SingleFlightCache(headlines.MAX_BYTES, lambda _: headlines.HEADLINE_BYTES)
    monkeypatch.setattr(headlines, "_cache", cached)


@pytest.fixture
def stored(monkeypatch) -> dict[str, bytes]:
    """Return what is stored for all processes."""
    values: dict[str, bytes] = {}
    monkeypatch.setattr(headlines, "read_shared", values.get)
    monkeypatch.setattr(headlines, "write_shared", values.__setitem__)
    forget(monkeypatch)
    return values


def refuse(*_args, **_options):
    raise OtherProcess


def test_another_process_takes_the_intervals_from_the_shared_cache(locked, stored, monkeypatch):
    first = headline_of(locked.study)
    assert first.interval is not None and first.interval.ci is not None
    forget(monkeypatch)
    monkeypatch.setattr(headlines, "headline_intervals", refuse)
    assert headline_of(locked.study) == first


@pytest.mark.parametrize("value", [b"", b"\xff", b"{}", b"[]", b"[1]", b'[{"statistic": "x"}]'])
def test_headline_is_computed_again_if_the_stored_intervals_are_invalid(
    locked, stored, monkeypatch, value
):
    first = headline_of(locked.study)
    (name,) = stored
    good = stored[name]
    stored[name] = value
    forget(monkeypatch)
    assert headline_of(locked.study) == first
    assert stored[name] == good


def test_worker_prepares_the_page_of_a_locked_study_and_may_do_so_twice(
    locked, stored, monkeypatch, client_of
):
    prepare_snapshot_task(str(locked.study.pk))
    prepare_snapshot_task(str(locked.study.pk))
    assert len(stored) == 1
    forget(monkeypatch)
    monkeypatch.setattr(headlines, "headline_intervals", refuse)
    client = client_of(locked.coordinator)
    assert client.get(f"/studies/{locked.study.slug}/agreement").status_code == 200


def test_worker_prepares_nothing_before_the_lock_or_for_an_unknown_study(read, stored):
    prepare_snapshot_task(str(read.study.pk))
    prepare_snapshot_task("0")
    assert stored == {}


@pytest.mark.parametrize("api", [False, True])
def test_locking_queues_the_preparation(read, client_of, monkeypatch, api):
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "studies.sessions.study_lifecycle.send",
        lambda task, pk: sent.append((task, str(pk))) or False,
    )
    study, client = read.study, client_of(read.coordinator)
    type(study).objects.filter(pk=study.pk).update(state="open")
    path = f"/api/v1/studies/{study.slug}/lock" if api else reverse("lock-study", args=[study.slug])
    answer = client.post(path)
    assert answer.status_code == (200 if api else 302), answer.content
    assert sent == [(PREPARE_SNAPSHOT, str(study.pk))]
    study.refresh_from_db()
    # The broker was unavailable, which does not keep the study from being locked.
    assert study.locked
