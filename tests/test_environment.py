"""Settings from the environment: which values are accepted, and which prevent start-up."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from studies import environment

BASE = Path(__file__).resolve().parents[1]
ADDRESS, S3 = "VERTEREAD_BASE_URL", "VERTEREAD_S3_"
SECRET = "VERTEREAD_SECRET_KEY"


@pytest.fixture
def given(monkeypatch: Any) -> Any:
    """Set the variables and no other of the object storage."""
    for name in [name for name in os.environ if name.startswith(S3)]:
        monkeypatch.delenv(name)

    def set_variables(variables: dict[str, str]) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return set_variables


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("", ""),
        ("https://verteread.example.org", "https://verteread.example.org"),
        ("https://verteread.example.org/", "https://verteread.example.org"),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001"),
    ],
)
def test_base_address_is_scheme_and_host(given, value, address):
    given({ADDRESS: value})
    assert environment.base_url(ADDRESS) == address


@pytest.mark.parametrize(
    "value",
    [
        "verteread.example.org",
        "ftp://verteread.example.org",
        "https://",
        "https://verteread.example.org?study=1",
        "https://verteread.example.org#top",
        "https://ada:secret@verteread.example.org",
        "https://verteread.example.org:port",
        "https://[verteread",
    ],
)
def test_base_address_without_scheme_or_with_more_is_refused(given, value):
    given({ADDRESS: value})
    with pytest.raises(ImproperlyConfigured, match="must be an address such as https://") as error:
        environment.base_url(ADDRESS)
    assert "secret" not in str(error.value)


def test_base_address_with_a_path_stops_the_start_and_names_the_way_out():
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=BASE,
        env={**os.environ, ADDRESS: "https://example.org/verteread"},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "cannot run under a path: use a separate host name" in done.stderr


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: "", id="empty"),
        pytest.param(lambda: secrets.token_hex(32), id="hexadecimal"),
        pytest.param(lambda: secrets.token_urlsafe(32), id="base64"),
        pytest.param(lambda: "k" + secrets.token_hex(24), id="prefixed"),
    ],
)
def test_secret_key_that_is_random_is_taken_as_it_is(given, make):
    value = make()
    given({SECRET: value})
    assert environment.secret_key(SECRET) == value


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("x", "is too short: at least 43 characters"),
        ("3f9a0c51d7e24b86a1f0957c3de8b2460a7f15c9d3", "is too short"),
        ("hush" * 20, "is not random"),
        ("change-me-as-well-to-fifty-random-characters", "still has the value of the example"),
    ],
)
def test_secret_key_that_can_be_guessed_is_refused(given, value, sentence):
    given({SECRET: value})
    with pytest.raises(ImproperlyConfigured, match=sentence) as error:
        environment.secret_key(SECRET)
    assert "openssl rand -hex 32" in str(error.value)
    assert value not in str(error.value) or len(value) == 1


@pytest.mark.parametrize("example", ["example.env", "kubernetes/example/secret.example.env"])
def test_secret_key_of_the_examples_does_not_start(given, example):
    lines = (BASE / "docker" / example).read_text().splitlines()
    given(dict(line.split("=", 1) for line in lines if line.startswith(SECRET)))
    assert os.environ[SECRET]
    with pytest.raises(ImproperlyConfigured, match="still has the value of the example"):
        environment.secret_key(SECRET)


def test_short_secret_key_stops_the_start():
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=BASE,
        env={**os.environ, SECRET: "x"},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "VERTEREAD_SECRET_KEY is too short" in done.stderr


def test_files_are_in_a_folder_unless_a_bucket_is_named(given):
    given(dict.fromkeys((f"{S3}BUCKET", f"{S3}ENDPOINT", f"{S3}ACCESS_KEY"), ""))
    assert environment.object_storage(S3) == {}


def test_bucket_with_the_credentials_of_the_platform_needs_no_more(given):
    given({f"{S3}BUCKET": "abc"})
    assert environment.object_storage(S3) == {"bucket_name": "abc"}


def test_bucket_of_another_server_is_understood(given):
    given(
        {
            f"{S3}BUCKET": "verteread-images",
            f"{S3}ENDPOINT": "http://storage:8333/",
            f"{S3}REGION": "eu-central-1",
            f"{S3}ACCESS_KEY": "a",
            f"{S3}SECRET_KEY": "s",
        }
    )
    assert environment.object_storage(S3) == {
        "bucket_name": "verteread-images",
        "endpoint_url": "http://storage:8333",
        "region_name": "eu-central-1",
        "access_key": "a",
        "secret_key": "s",
    }


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"ENDPOINT": "https://s3.example.org"}, "ENDPOINT is set but VERTEREAD_S3_BUCKET is not"),
        ({"BUCKET": "Upper_case"}, "must be the name of a bucket"),
        ({"BUCKET": "ab"}, "must be the name of a bucket"),
        ({"BUCKET": "abc", "ACCESS_KEY": "a"}, "Set both"),
        ({"BUCKET": "abc", "SECRET_KEY": "hush"}, "Set both"),
        ({"BUCKET": "abc", "ENDPOINT": "s3.example.org"}, "must be an address"),
        ({"BUCKET": "abc", "ENDPOINT": "s3://example.org"}, "must be an address"),
        ({"BUCKET": "abc", "ENDPOINT": "https://a:hush@example.org"}, "must be an address"),
        ({"BUCKET": "abc", "ENDPOINT": "https://example.org/abc"}, "must not have a path"),
    ],
)
def test_object_storage_that_cannot_work_is_refused(given, variables, sentence):
    given({S3 + name: value for name, value in variables.items()})
    with pytest.raises(ImproperlyConfigured, match=sentence) as error:
        environment.object_storage(S3)
    assert "hush" not in str(error.value)


def test_bucket_in_the_environment_is_what_the_process_stores_in():
    program = (
        "import django; django.setup();"
        "from django.core.files.storage import storages; one = storages['default'];"
        "print(type(one).__name__, one.bucket_name, one.endpoint_url, one.file_overwrite)"
    )
    variables = {f"{S3}BUCKET": "abc", f"{S3}ENDPOINT": "https://s3.example.org"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=BASE,
        env={**os.environ, **variables, "DJANGO_SETTINGS_MODULE": "studies.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["ObjectStorage", "abc", "https://s3.example.org", "False"]


def test_web_process_without_database_says_what_is_missing():
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL",)}
    program = [sys.executable, "-c", "import studies.wsgi"]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "DATABASE_URL" in done.stderr and "must be set: see README.md" in done.stderr


@pytest.mark.parametrize("command", ["migrate", "createsuperuser"])
def test_command_that_needs_the_database_says_so_in_one_line(command):
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    program = [sys.executable, "manage.py", command]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "VerteRead: DATABASE_URL must be set: see README.md, Settings.\n"


MAIL = "VERTEREAD_MAIL_"
SERVER = {f"{MAIL}HOST": "smtp.example.org", f"{MAIL}FROM": "VerteRead <verteread@example.org>"}
HERE = "https://verteread.example.org"


def test_without_a_mail_server_no_mails_are_sent(given):
    assert environment.mail_server(MAIL, base_url="") == {}


@pytest.mark.parametrize(
    ("security", "port", "flags"),
    [
        ("", 587, (True, False)),
        ("starttls", 587, (True, False)),
        ("tls", 465, (False, True)),
        ("none", 25, (False, False)),
    ],
)
def test_security_of_the_mail_server_decides_its_usual_port(given, security, port, flags):
    given({**SERVER, f"{MAIL}SECURITY": security})
    options = environment.mail_server(MAIL, base_url=HERE)
    assert (options["port"], (options["use_tls"], options["use_ssl"])) == (port, flags)
    assert (options["timeout"], options["username"]) == (10, "")


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({f"{MAIL}USER": "ada"}, "MAIL_USER is set but VERTEREAD_MAIL_HOST is not"),
        ({**SERVER, f"{MAIL}HOST": "smtp://example.org"}, "HOST must be a host name"),
        ({**SERVER, f"{MAIL}HOST": "smtp.example.org:25"}, "HOST must be a host name"),
        ({**SERVER, f"{MAIL}PORT": "70000"}, "PORT must be at most 65535"),
        ({**SERVER, f"{MAIL}PORT": "smtp"}, "PORT must be a whole number"),
        ({**SERVER, f"{MAIL}SECURITY": "ssl"}, "SECURITY must be one of starttls, tls, none"),
        ({**SERVER, f"{MAIL}TIMEOUT_S": "0"}, "TIMEOUT_S must be a whole number of at least 1"),
        ({**SERVER, f"{MAIL}FROM": ""}, "FROM must be the sender"),
        ({**SERVER, f"{MAIL}FROM": "VerteRead"}, "FROM must be the sender"),
        ({**SERVER, f"{MAIL}FROM": "a@b.org\nBcc: c@d.org"}, "FROM must be the sender"),
        ({**SERVER, f"{MAIL}USER": "ada"}, "Set both VERTEREAD_MAIL_USER and"),
        (
            {
                **SERVER,
                f"{MAIL}SECURITY": "none",
                f"{MAIL}USER": "ada",
                f"{MAIL}PASSWORD": "hidden",
            },
            "would be sent unencrypted",
        ),
    ],
)
def test_mail_server_with_an_invalid_setting_is_refused(given, variables, message):
    given(variables)
    with pytest.raises(ImproperlyConfigured, match=message) as error:
        environment.mail_server(MAIL, base_url=HERE)
    assert "hidden" not in str(error.value)


def test_mail_server_without_the_address_of_the_platform_is_refused(given):
    given(SERVER)
    with pytest.raises(ImproperlyConfigured, match="Links in emails need it"):
        environment.mail_server(MAIL, base_url="")


def test_mail_server_with_an_invalid_setting_stops_the_start():
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=BASE,
        env={**os.environ, ADDRESS: HERE, **SERVER, f"{MAIL}SECURITY": "ssl"},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "VERTEREAD_MAIL_SECURITY must be one of" in done.stderr
