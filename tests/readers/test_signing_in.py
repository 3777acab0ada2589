"""Sign-in attempts are limited, without locking people out, also while the cache is away."""

from __future__ import annotations

import socket
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from django.test import Client

from studies.cache import fail_open
from tests.make import PASSWORD, make_user

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _without_earlier_guesses(settings: Any) -> None:
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": uuid4().hex}}


@pytest.fixture
def name() -> str:
    return make_user(f"rita-{uuid4().hex[:8]}").username


def guess(name: str, address: str, password: str = "wrong") -> tuple[bool, str]:
    """Return whether signing in from this address worked, and the page."""
    client = Client(REMOTE_ADDR=address)
    page = client.post(LOGIN, {"login": name, "password": password})
    assert page.status_code in {200, 302}
    return "_auth_user_id" in client.session, page.content.decode()


def test_wrong_passwords_from_elsewhere_do_not_lock_the_owner_out(name):
    for _ in range(8):
        guess(name, "203.0.113.9")
    assert "Too many failed" in guess(name, "203.0.113.9", PASSWORD)[1]
    assert guess(name, "198.51.100.7", PASSWORD)[0]


def test_one_account_is_limited_over_all_addresses_together(name):
    pages = [guess(name, f"203.0.113.{number}")[1] for number in range(1, 53)]
    assert "Too many failed" not in "".join(pages[:50])
    assert "Too many failed" in pages[50]


def test_one_address_is_limited_over_all_accounts_together(name):
    pages = [guess(f"account-{number}", "203.0.113.9")[1] for number in range(22)]
    assert "Too many failed" not in "".join(pages[:20])
    assert "Too many failed" in pages[20]


def test_right_password_uses_no_attempt(name):
    for _ in range(4):
        guess(name, "203.0.113.9")
    for _ in range(3):
        assert guess(name, "203.0.113.9", PASSWORD)[0]


def test_address_claimed_by_a_client_is_ignored(name):
    for number in range(8):
        claimed = {"HTTP_X_FORWARDED_FOR": f"198.51.100.{number}"}
        client = Client(REMOTE_ADDR="203.0.113.9", **claimed)
        page = client.post(LOGIN, {"login": name, "password": "wrong"})
    assert "Too many failed" in page.content.decode()


@pytest.fixture
def cache_away(settings: Any) -> None:
    """A cache whose server refuses connections."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    settings.CACHES = {
        "default": {
            "BACKEND": "studies.cache.fail_open.FailOpenCache",
            "LOCATION": f"redis://:secret@127.0.0.1:{port}/0",
            "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
        }
    }


def test_people_sign_in_while_the_cache_is_away(name, cache_away, caplog):
    assert not guess(name, "203.0.113.9")[0]
    assert guess(name, "203.0.113.9", PASSWORD)[0]
    logged = [record.getMessage() for record in caplog.records if "cache" in record.name]
    assert logged == [
        "The cache is unavailable (ConnectionError). Sign-in attempts are not limited meanwhile."
    ]
    assert "secret" not in caplog.text


def test_cache_that_is_away_behaves_as_a_miss(cache_away):
    assert cache.get("a", 3) == 3
    assert cache.add("a", 1)
    cache.set("a", 1)
    assert cache.get_or_set("a", lambda: 5) == 5
    assert not cache.touch("a") and not cache.delete("a") and "a" not in cache
    assert cache.get_many(["a"]) == {}
    assert cache.set_many({"a": 1}) == ["a"]
    cache.delete_many(["a"])
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")
    assert not cache.clear()


def test_cache_is_tried_again_after_a_pause(cache_away, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(fail_open.time, "monotonic", lambda: clock[0])
    assert cache.get("a") is None
    monkeypatch.setattr(RedisCache, "get", lambda *arguments: 7)
    assert cache.get("a") is None
    clock[0] += fail_open.PAUSE_S
    assert cache.get("a") == 7


def test_deactivated_account_gets_an_explanation_in_a_page_of_the_platform(name):
    get_user_model().objects.filter(username=name).update(is_active=False)
    page = Client().post(LOGIN, {"login": name, "password": PASSWORD}, follow=True)
    assert not page.wsgi_request.user.is_authenticated
    assert page.redirect_chain == [("/accounts/inactive/", 302)]
    text = page.content.decode()
    assert "ask the administrator to reactivate the account" in text
    assert 'class="site-footer"' in text


def test_password_is_confirmed_in_a_page_of_the_platform(name):
    client = Client()
    client.post(LOGIN, {"login": name, "password": PASSWORD})
    page = client.get("/accounts/reauthenticate/").content.decode()
    assert "Confirm your password" in page
    assert 'class="site-footer"' in page
