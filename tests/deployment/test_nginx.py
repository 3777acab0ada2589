"""nginx.conf: read as text, and with an nginx that is really running where one is installed."""

from __future__ import annotations

import re

from tests.deployment.conftest import DOCKER


def test_every_request_goes_to_an_address_that_is_looked_up_again() -> None:
    """A fixed name would keep the address that a container had when nginx started."""
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
