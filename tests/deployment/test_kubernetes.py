"""The Kubernetes manifests are valid and restrictive, and their settings exist."""

from __future__ import annotations

import re
from typing import Any

import kubernetes_validate
import pytest

from studies.celery import app
from tests.deployment.conftest import (
    DOCKER,
    Manifest,
    known_settings,
    of_kind,
    pod_specs,
)

# The oldest version with "sleep" in preStop hooks, and the newest with a schema.
VERSIONS = ["1.30", kubernetes_validate.latest_version()]
WORKERS = [f"verteread-{name}" for name in ("worker", "reports", "trainer")]
PODS = ["verteread-web", "verteread-uploads", *WORKERS, "verteread-migrate"]
LIBPQ = {"PGSSLMODE"}
KEDA_ONLY = {"BROKER_PASSWORD"}


def containers_of(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod.get("initContainers", []), *pod["containers"]]


@pytest.mark.parametrize("version", VERSIONS)
def test_manifests_are_valid(
    manifests: list[Manifest], scaled_manifests: list[Manifest], version: str
) -> None:
    kinds = set()
    for manifest in [*manifests, *scaled_manifests]:
        kinds.add(manifest["kind"])
        if not manifest["apiVersion"].startswith("keda.sh/"):
            kubernetes_validate.validate(manifest, version, strict=True)
    assert kinds >= {"Deployment", "Job", "Service", "Ingress", "NetworkPolicy", "ServiceAccount"}
    assert kinds >= {"PodDisruptionBudget", "ConfigMap", "Secret", "ScaledObject"}


@pytest.mark.parametrize("name", PODS)
def test_pods_run_without_privileges(manifests: list[Manifest], name: str) -> None:
    pod = pod_specs(manifests)[name]
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    assert pod["serviceAccountName"] == "verteread"
    security = pod["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] == security["runAsGroup"] == security["fsGroup"] == 10001
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers_of(pod):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("name", PODS)
def test_only_temporary_volumes_are_mounted_and_nothing_is_shared(
    manifests: list[Manifest], name: str
) -> None:
    pod = pod_specs(manifests)[name]
    assert all(set(volume) == {"name", "emptyDir"} for volume in pod["volumes"])
    paths = {mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
    expected = {
        "verteread-web": {"/tmp"},
        "verteread-uploads": {"/tmp", "/data/spool"},
        "verteread-worker": {"/tmp", "/data/cache"},
        "verteread-reports": {"/tmp"},
        "verteread-trainer": {"/tmp"},
        "verteread-migrate": {"/tmp"},
    }
    assert paths == expected[name]


def test_uid_and_folders_are_those_of_the_image(manifests: list[Manifest]) -> None:
    dockerfile = (DOCKER / "Dockerfile").read_text()
    assert "USER 10001:10001" in dockerfile
    for pod in pod_specs(manifests).values():
        for mount in pod["containers"][0]["volumeMounts"]:
            assert mount["mountPath"] in dockerfile


def test_every_setting_exists(manifests: list[Manifest]) -> None:
    (settings,), (secret,) = of_kind(manifests, "ConfigMap"), of_kind(manifests, "Secret")
    known = known_settings()
    assert not set(settings["data"]) - known
    assert not set(secret["data"]) - known - LIBPQ - KEDA_ONLY
    assert not set(settings["data"]) & set(secret["data"])
    assert known <= set(settings["data"]) | set(secret["data"]) | {
        # Set in the image, or unused with a bucket.
        "VERTEREAD_STORAGE",
        "VERTEREAD_SPOOL",
        "VERTEREAD_HEARTBEAT_FILE",
        # Set for web and upload pods.
        "VERTEREAD_SERVES",
        # Never set on servers with real data.
        "VERTEREAD_DEMONSTRATION",
        "VERTEREAD_VITE_SERVER",
        # Unset: the bundled weights.
        "VERTEREAD_WEIGHTS",
    }


@pytest.mark.parametrize("name", PODS)
def test_pods_read_the_generated_settings_and_secret(manifests: list[Manifest], name: str) -> None:
    (settings,), (secret,) = of_kind(manifests, "ConfigMap"), of_kind(manifests, "Secret")
    for container in containers_of(pod_specs(manifests)[name]):
        assert container["envFrom"] == [
            {"configMapRef": {"name": settings["metadata"]["name"]}},
            {"secretRef": {"name": secret["metadata"]["name"]}},
        ]


def test_probes_ask_the_health_addresses(manifests: list[Manifest]) -> None:
    pods = pod_specs(manifests)
    for name in ("verteread-web", "verteread-uploads"):
        served = pods[name]["containers"][0]
        assert served["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "http"}
        assert served["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
    for name in WORKERS:
        worker = pods[name]["containers"][0]
        assert worker["livenessProbe"]["exec"]["command"] == [
            "python",
            "-m",
            "studies.monitoring.worker_health",
        ]


def test_no_pod_starts_before_the_migrations(manifests: list[Manifest]) -> None:
    pods = pod_specs(manifests)
    for name in PODS[:-1]:
        (waiting,) = pods[name]["initContainers"]
        assert "manage.py migrate --check" in waiting["command"][-1]
        assert waiting["image"] == pods[name]["containers"][0]["image"]
    assert pods["verteread-migrate"]["containers"][0]["command"][:3] == [
        "python",
        "manage.py",
        "migrate",
    ]


def test_images_of_the_base_are_those_of_compose(compose: dict[str, Any]) -> None:
    by_default = {
        re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", compose["services"][service]["image"])
        for service in ("migrate", "web", "uploads", "worker", "reports", "trainer")
    }
    base = "".join(path.read_text() for path in (DOCKER / "kubernetes" / "base").glob("*.yaml"))
    assert set(re.findall(r"image: (\S+)", base)) == by_default


def test_example_replaces_every_image(manifests: list[Manifest]) -> None:
    for pod in pod_specs(manifests).values():
        for container in containers_of(pod):
            assert container["image"].startswith("registry.example.org/team/verteread-")


def test_services_policies_and_budgets_select_the_pods(manifests: list[Manifest]) -> None:
    labels = {
        manifest["metadata"]["name"]: manifest["spec"]["template"]["metadata"]["labels"]
        for manifest in manifests
        if manifest["kind"] in {"Deployment", "Job"}
    }
    for kind in ("Service", "NetworkPolicy", "PodDisruptionBudget"):
        for manifest in of_kind(manifests, kind):
            spec = manifest["spec"]
            selector = spec.get("podSelector") or spec["selector"]
            required = selector.get("matchLabels", selector).items()
            assert any(required <= pod.items() for pod in labels.values()), manifest
    everything = of_kind(manifests, "NetworkPolicy")[0]["spec"]["podSelector"]["matchLabels"]
    assert all(everything.items() <= pod.items() for pod in labels.values())


def queue_of(container: dict[str, Any]) -> str:
    """Return the first queue of a worker, which decides its scale; emails come with others."""
    command = container["command"]
    return str(command[command.index("-Q") + 1]).split(",")[0]


def test_keda_scales_each_worker_by_its_queue(scaled_manifests: list[Manifest]) -> None:
    (login,) = of_kind(scaled_manifests, "TriggerAuthentication")
    (secret,) = of_kind(scaled_manifests, "Secret")
    deployments = {d["metadata"]["name"]: d for d in of_kind(scaled_manifests, "Deployment")}
    scaled_objects = of_kind(scaled_manifests, "ScaledObject")
    assert len(scaled_objects) == len(app.conf.task_queues) - 1
    for scaled in scaled_objects:
        deployment = deployments[scaled["spec"]["scaleTargetRef"]["name"]]["spec"]
        assert "replicas" not in deployment
        (trigger,) = scaled["spec"]["triggers"]
        assert trigger["type"] == "redis"
        assert trigger["metadata"].keys() >= {"address", "listName", "listLength"}
        (container,) = deployment["template"]["spec"]["containers"]
        assert trigger["metadata"]["listName"] == queue_of(container)
        assert all(isinstance(value, str) for value in trigger["metadata"].values())
        assert trigger["authenticationRef"]["name"] == login["metadata"]["name"]
    (reference,) = login["spec"]["secretTargetRef"]
    assert reference["name"] == secret["metadata"]["name"]
    assert reference["key"] in secret["data"]


def test_keda_watches_every_queue() -> None:
    text = (DOCKER / "kubernetes" / "keda" / "scaled-object.yaml").read_text()
    for queue in app.conf.task_queues:
        # Emails are few, and the worker for analyses, which never scales to 0, sends them as well.
        assert (f"listName: {queue.name}\n" in text) == (queue.name != "mail")


def test_worker_for_analyses_also_sends_mails(manifests: list[Manifest]) -> None:
    deployments = {d["metadata"]["name"]: d for d in of_kind(manifests, "Deployment")}
    (container,) = deployments["verteread-worker"]["spec"]["template"]["spec"]["containers"]
    assert container["command"][-1] == "analyses,mail"


def test_uploads_are_routed_to_separate_pods_and_never_buffered(
    manifests: list[Manifest],
) -> None:
    pods = pod_specs(manifests)
    serves = {
        name: pods[f"verteread-{name}"]["containers"][0]["env"] for name in ("web", "uploads")
    }
    assert serves == {
        "web": [{"name": "VERTEREAD_SERVES", "value": "pages"}],
        "uploads": [{"name": "VERTEREAD_SERVES", "value": "uploads"}],
    }
    command = pods["verteread-uploads"]["containers"][0]["command"]
    assert "python:studies.serving.uploads" in command
    ingresses = {ingress["metadata"]["name"]: ingress for ingress in of_kind(manifests, "Ingress")}
    prefix = "nginx.ingress.kubernetes.io/"
    annotations = ingresses["verteread-uploads"]["metadata"]["annotations"]
    assert annotations[prefix + "proxy-request-buffering"] == "off"
    assert annotations[prefix + "use-regex"] == "true"
    images, weights = ingresses["verteread-uploads"]["spec"]["rules"][0]["http"]["paths"]
    for path in (images, weights):
        assert path["backend"]["service"]["name"] == "verteread-uploads"
    pattern = re.compile("^" + images["path"])
    assert pattern.search("/api/v1/studies/guides-trial/uploads")
    for other in ("uploads/dismiss-all", "cases", "reading", "a/uploads"):
        assert not pattern.search(f"/api/v1/studies/guides-trial/{other}")
    pattern = re.compile("^" + weights["path"])
    assert pattern.search("/api/v1/models/add")
    assert not pattern.search("/api/v1/models")
