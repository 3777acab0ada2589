"""compose.yaml needs no checkout, runs images by name and passes on existing settings."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from studies.celery import app
from tests.containers.stack import SERVICES
from tests.deployment.conftest import DOCKER, known_settings

OURS = ["migrate", "web", "uploads", "worker", "reports", "trainer"]
IN_THE_IMAGE = {"VERTEREAD_STORAGE", "VERTEREAD_SPOOL", "VERTEREAD_HEARTBEAT_FILE"}
NEVER_FOR_REAL_DATA = {"VERTEREAD_DEMONSTRATION", "VERTEREAD_VITE_SERVER"}
FOR_COMPOSE = {"VERTEREAD_IMAGES", "VERTEREAD_VERSION", "VERTEREAD_TORCH"}


def test_release_needs_no_checkout(compose: dict[str, Any]) -> None:
    assert not [name for name, service in compose["services"].items() if "build" in service]
    text = (DOCKER / "compose.yaml").read_text()
    assert set(re.findall(r"- \./(\S+?):", text)) == {"nginx.conf"}


def test_checkout_builds_every_image_of_the_release(compose: dict[str, Any]) -> None:
    built = yaml.safe_load((DOCKER / "compose.build.yaml").read_text())["services"]
    assert set(built) == set(OURS)
    for name in OURS:
        assert built[name]["build"]["target"] in compose["services"][name]["image"]


def test_gpu_goes_to_the_trainer_alone(compose: dict[str, Any]) -> None:
    overlay = yaml.safe_load((DOCKER / "compose.gpu.yaml").read_text())["services"]
    assert set(overlay) == {"trainer"}
    assert "training" in compose["services"]["trainer"]["command"]
    (device,) = overlay["trainer"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]


@pytest.mark.parametrize("name", OURS)
def test_services_of_verteread_run_without_privileges(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "user" not in service, "the image sets the user"


def test_every_setting_exists_and_can_be_set(compose: dict[str, Any]) -> None:
    environment = set(compose["services"]["web"]["environment"])
    known = known_settings()
    assert not environment - known
    assert known - environment == IN_THE_IMAGE | NEVER_FOR_REAL_DATA


def test_example_names_every_variable_without_a_default(compose: dict[str, Any]) -> None:
    example = (DOCKER / "example.env").read_text()
    named = set(re.findall(r"^([A-Z0-9_]+)=", example, re.M))
    used = ""
    for file in ("compose.yaml", "compose.build.yaml"):
        used += (DOCKER / file).read_text()
    assert set(re.findall(r"\$\{(\w+):\?", used)) <= named
    assert named <= set(re.findall(r"\$\{(\w+)", used))


def test_services_have_only_the_volumes_that_they_need(compose: dict[str, Any]) -> None:
    def targets(name: str) -> set[str]:
        return {volume.split(":")[1] for volume in compose["services"][name].get("volumes", [])}

    assert targets("web") == {"/data/storage"}
    assert targets("uploads") == {"/data/storage", "/data/spool"}
    assert targets("worker") == {"/data/storage", "/data/cache"}
    assert targets("reports") == targets("trainer") == {"/data/storage"}
    assert targets("migrate") == set()


def test_uploads_have_a_separate_service(compose: dict[str, Any]) -> None:
    web, uploads = compose["services"]["web"], compose["services"]["uploads"]
    assert "python:studies.serving.uploads" in uploads["command"]
    assert uploads["image"] == web["image"]
    assert uploads["mem_limit"]
    assert "uploads" in compose["services"]["nginx"]["depends_on"]
    environments = {
        name: service["environment"] for name, service in [("web", web), ("uploads", uploads)]
    }
    assert environments["web"] | {"VERTEREAD_SERVES": "uploads"} == environments["uploads"]
    assert environments["web"]["VERTEREAD_SERVES"] == "pages"
    assert {"web", "uploads", "worker", "reports"} <= set(compose["services"]) & set(SERVICES)


def test_each_queue_has_a_worker_of_its_own(compose: dict[str, Any]) -> None:
    commands = [service.get("command", []) for service in compose["services"].values()]
    listed = [command[command.index("-Q") + 1] for command in commands if "-Q" in command]
    # Emails are sent between analyses, which take seconds.
    queues = [name for names in listed for name in names.split(",")]
    assert "analyses,mail" in listed
    assert sorted(queues) == sorted(queue.name for queue in app.conf.task_queues)
