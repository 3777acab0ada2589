"""No log shows the token of an invitation, with which anybody could join the study."""

from __future__ import annotations

import logging
import re
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from studies.logs import mask_tokens
from studies.readers import pages
from studies.readers.invitations import create_invitation, find_invitation
from studies.readers.models import Role
from tests.make import Cast
from tests.running import BASE, Running
from tools import ports

PATIENCE_S = 60


def token_for(cast: Cast) -> str:
    return create_invitation(
        study=cast.study, role=Role.READER, site=cast.site, note="", by=cast.coordinator
    )[1]


@pytest.fixture
def token(cast: Cast) -> str:
    return token_for(cast)


def test_request_that_is_turned_away_leaves_no_token_in_the_log(caplog, token):
    client = Client(enforce_csrf_checks=True)
    assert client.post(f"/invitations/{token}").status_code == 403
    assert client.get(f"/invitations/{token}/").status_code == 404
    assert client.post(f"/accounts/login/?next=/invitations/{token}").status_code == 403
    assert "/invitations/-" in caplog.text
    assert token not in caplog.text
    assert find_invitation(token)


def test_request_that_fails_leaves_no_token_in_the_log(caplog, token, monkeypatch):
    def fail(word: str) -> None:
        raise RuntimeError(f"no answer for /invitations/{word}")

    monkeypatch.setattr(pages, "find_invitation", fail)
    client = Client(raise_request_exception=False)
    assert client.get(f"/invitations/{token}").status_code == 500
    assert "RuntimeError: no answer for /invitations/-" in caplog.text
    assert token not in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        "GET /invitations/{} HTTP/1.1",
        "/accounts/login/?next=/invitations/{}",
        "/accounts/login/?next=%2Finvitations%2F{}&a=1",
        "/x?next=%252Finvitations%252F{}",
        'referrer: "https://v.example/invitations/{}?a=1"',
        "/INVITATIONS/{}.",
    ],
)
def test_token_is_masked_wherever_it_is_quoted(text):
    masked = mask_tokens(text.format("kZ0-_aB9" * 4))
    assert "kZ0" not in masked
    assert re.search(r"invitations(/|%(25)?2f)-", masked, re.IGNORECASE)


def test_other_addresses_and_broken_calls_stay_as_they_are(caplog):
    revoke = "/studies/trial/invitations/12/revoke"
    assert mask_tokens(revoke) == revoke
    caplog.set_level(logging.INFO)
    logging.getLogger("x").info("%(a)s of %(b)s", {"a": "/invitations/abcdef", "b": 2})
    assert "/invitations/- of 2" in caplog.text


def test_browser_does_not_send_the_address_on(client, token):
    for address in (f"/invitations/{token}", f"/accounts/login/?next=%2Finvitations%2F{token}"):
        assert client.get(address)["Referrer-Policy"] == "strict-origin"
    assert client.get("/accounts/login/")["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db(transaction=True)
def test_access_log_of_the_web_server_shows_no_token(settings: Any, tmp_path: Path) -> None:
    token = token_for(Cast())
    running = Running(settings, tmp_path, GUNICORN_CMD_ARGS="--access-logfile - --workers 1")
    port = ports.saved_port(tmp_path / "port")
    running.web(port)
    try:
        assert ask(port, f"/invitations/{token}", token) == 200
        assert ask(port, f"/invitations/{token}/x", token) == 404
        assert ask(port, f"/accounts/login/?next=/invitations/{token}", token) == 200
        log = tmp_path / "pages.log"
        deadline = time.monotonic() + PATIENCE_S
        while log.read_text().count('" 200 ') < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        running.stop()
    assert log.read_text().count("invitations/-") >= 3
    assert token not in log.read_text()


def ask(port: int, path: str, token: str) -> int:
    """Ask the server, which may still be starting, as the page of the invitation would."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    address = f"http://127.0.0.1:{port}"
    request = urllib.request.Request(
        address + path, headers={"Referer": f"{address}/invitations/{token}"}
    )
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return int(opener.open(request, timeout=20).status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_error_log_of_nginx_is_off_where_addresses_hold_tokens():
    text = (BASE / "docker" / "nginx.conf").read_text()
    for location in ("^~ /invitations/", "= /accounts/login/"):
        block = text.split(f"location {location} {{")[1].split("}")[0]
        assert "error_log /dev/null crit;" in block
