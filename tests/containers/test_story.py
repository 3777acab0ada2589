"""A study in containers, from an empty installation to a report, and through failures."""

from __future__ import annotations

import pytest

from tests.containers.client import get, post
from tests.containers.stack import SERVICES, Stack, wait_until
from tests.containers.study import CASES, SCORES, ReadStudy

CELLS = 8


def test_study_is_read_and_reported(study: ReadStudy) -> None:
    scores = study.expected["scores"]
    submitted = CASES * 2 * len(SCORES) - 1
    assert len(scores) == submitted * CELLS + 1, "one row per cell, and the header"
    assert sum(cell["score"] is not None for cell in study.expected["unfinished"]) == 3


def test_images_are_in_the_configured_storage(stack: Stack, study: ReadStudy) -> None:
    for service in ("web", "uploads", "worker", "reports", "trainer"):
        mounts = stack.execute(service, "cat", "/proc/mounts")
        files = stack.execute(service, "find", "/data/storage", "-type", "f").split()
        assert (" /data/storage " in mounts) == (not stack.in_bucket)
        assert bool(files) == (not stack.in_bucket)


@pytest.mark.parametrize("service", SERVICES)
def test_restart_loses_nothing(stack: Stack, study: ReadStudy, service: str) -> None:
    stack.restart(service)
    wait_until_healthy(stack)
    study.assert_unchanged()
    study.assert_new_upload_is_analysed()


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "nginx"])
def test_kill_loses_nothing(stack: Stack, study: ReadStudy, service: str) -> None:
    stack.kill(service)
    stack.start_again(service)
    wait_until_healthy(stack)
    study.assert_unchanged()
    study.assert_new_upload_is_analysed()


def test_web_started_without_database_recovers_by_itself(stack: Stack, study: ReadStudy) -> None:
    stack.stop("database")
    stack.restart("web")
    wait_until(lambda: get(f"{stack.url}/livez").status == 200, "alive without a database")
    wait_until(lambda: get(f"{stack.url}/readyz").status == 503, "not ready without a database")
    stack.start_again("database")
    wait_until_healthy(stack)
    study.assert_unchanged()


def test_worker_without_broker_stays_healthy_and_resumes(stack: Stack, study: ReadStudy) -> None:
    stack.stop("broker")
    case_id = study.coordinator.upload_phantom(seed=9001)
    assert stack.execute("worker", "python", "-m", "studies.monitoring.worker_health")
    stack.start_again("broker")
    wait_until_healthy(stack)
    stack.restart("worker")
    study.coordinator.wait_for_analysis(case_id)
    study.assert_unchanged()


def wait_until_healthy(stack: Stack) -> None:
    def healthy() -> bool:
        answer = get(f"{stack.url}/healthz")
        # The state of the web service does not include the one that receives uploads.
        uploads = post(f"{stack.url}/api/v1/studies/none/uploads")
        return answer.status == 200 and answer.data["status"] == "ok" and uploads.status == 401

    wait_until(healthy, "every part healthy")
