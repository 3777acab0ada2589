"""The deployment files in docker/ as data. These tests need neither containers nor a cluster."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
KUBECTL = Path(sys.executable).with_name("kubectl")
Manifest = dict[str, Any]


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    return loaded


@pytest.fixture(scope="session")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> list[Manifest]:
    """Return the manifests of the example overlay with the example's secrets."""
    return build(copy_of_example(tmp_path_factory.mktemp("plain")))


@pytest.fixture(scope="session")
def scaled_manifests(tmp_path_factory: pytest.TempPathFactory) -> list[Manifest]:
    """Return the manifests with the KEDA component, enabled as the example's comment says."""
    example = copy_of_example(tmp_path_factory.mktemp("scaled"))
    file = example / "kustomization.yaml"
    text = file.read_text().replace("# components:\n#   - ../keda", "components:\n  - ../keda")
    assert "\ncomponents:" in text
    file.write_text(text)
    return build(example)


def copy_of_example(folder: Path) -> Path:
    """Copy the manifests to a folder and return the overlay, with a secret.env."""
    shutil.copytree(DOCKER / "kubernetes", folder / "kubernetes")
    example = folder / "kubernetes" / "example"
    shutil.copy(example / "secret.example.env", example / "secret.env")
    return example


def build(overlay: Path) -> list[Manifest]:
    """Return the manifests that kubectl builds from an overlay."""
    result = subprocess.run(
        [KUBECTL, "kustomize", overlay], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert not result.stderr, result.stderr
    return list(yaml.safe_load_all(result.stdout))


def of_kind(manifests: list[Manifest], kind: str) -> list[Manifest]:
    return [manifest for manifest in manifests if manifest["kind"] == kind]


def pod_specs(manifests: list[Manifest]) -> dict[str, Any]:
    """Return the pod specification of each Deployment and Job by name."""
    return {
        manifest["metadata"]["name"]: manifest["spec"]["template"]["spec"]
        for manifest in manifests
        if manifest["kind"] in {"Deployment", "Job"}
    }


def known_settings() -> set[str]:
    """Return the variables that studies/settings.py reads, including those for S3 and mail."""
    text = (ROOT / "studies" / "settings.py").read_text()
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z][A-Z0-9_]+[A-Z0-9])"', text))
    assert 'env.object_storage("VERTEREAD_S3_")' in text
    assert 'env.mail_server("VERTEREAD_MAIL_"' in text
    parts = ("BUCKET", "ENDPOINT", "REGION", "ACCESS_KEY", "SECRET_KEY")
    mail = ("HOST", "PORT", "SECURITY", "USER", "PASSWORD", "FROM", "TIMEOUT_S")
    names |= {f"VERTEREAD_MAIL_{part}" for part in mail}
    return names | {f"VERTEREAD_S3_{part}" for part in parts}
