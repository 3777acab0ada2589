"""nginx.conf as text, and in a running nginx if one is installed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.conftest import DOCKER
from tests.deployment.proxy import Proxy, Upstream

MIB = 2**20


def test_every_upstream_address_is_resolved_again() -> None:
    """A fixed name would be resolved only once, when nginx starts."""
    targets = re.findall(r"proxy_pass\s+(\S+);", (DOCKER / "nginx.conf").read_text())
    assert set(targets) == {"http://$web", "http://$uploads"}


def test_no_body_is_written_to_a_file_by_the_proxy() -> None:
    text = (DOCKER / "nginx.conf").read_text()
    uploads = text[text.index("/uploads$ {") :]
    uploads = uploads[: uploads.index("}")]
    for line in ("proxy_request_buffering off;", "proxy_buffering off;", "http://$uploads;"):
        assert line in uploads
    (server,) = re.findall(r"client_max_body_size (\d+m);\s+client_body_buffer_size (\d+m);", text)
    assert server[0] == server[1]


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    """Start nginx with the real configuration, in front of two test servers."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("needs nginx (on Debian: apt-get install nginx-light)")
    web, uploads = Upstream(), Upstream()
    started = Proxy(program, tmp_path, {"web:8000": web, "uploads:8000": uploads})
    yield started
    started.stop()


def test_nginx_sends_uploads_to_their_service_and_the_rest_to_web(proxy: Proxy) -> None:
    web, uploads = proxy.upstreams
    path = "/api/v1/studies/guides-trial/uploads"
    for method, address in [
        ("GET", path),
        ("POST", path + "/dismiss-all"),
        ("PUT", "/api/v1/readings/1/cells/L1"),
        ("POST", path),
    ]:
        connection = proxy.connect()
        connection.request(method, address, b"{}" if method != "GET" else None)
        assert connection.getresponse().status == 200
        connection.close()
    assert [line.split()[:2] for line in web.lines] == [
        ["GET", path],
        ["POST", path + "/dismiss-all"],
        ["PUT", "/api/v1/readings/1/cells/L1"],
    ]
    assert [line.split()[:2] for line in uploads.lines] == [["POST", path]]


def test_nginx_passes_an_upload_on_while_it_arrives_and_stores_nothing(proxy: Proxy) -> None:
    """A buffering proxy would send nothing until it has the whole body."""
    _, uploads = proxy.upstreams
    connection = proxy.connect()
    connection.putrequest("POST", "/api/v1/studies/guides-trial/uploads")
    connection.putheader("Content-Length", str(2 * MIB))
    connection.endheaders()
    connection.send(bytes(MIB))
    uploads.wait_for_bytes(MIB - 100_000)
    assert not [path for path in proxy.folder.rglob("*") if "client_body/" in str(path)]
    connection.send(bytes(MIB))
    assert connection.getresponse().status == 200
    connection.close()


def test_nginx_passes_on_the_rejection_of_an_upload_in_progress(proxy: Proxy) -> None:
    _, uploads = proxy.upstreams
    uploads.refuses = True
    connection = proxy.connect()
    connection.putrequest("POST", "/api/v1/studies/guides-trial/uploads")
    connection.putheader("Content-Length", str(2048 * MIB))
    connection.endheaders()
    connection.send(bytes(MIB // 2))
    response = connection.getresponse()
    assert (response.status, response.read()) == (403, b"no")
    connection.close()
