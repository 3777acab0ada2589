"""Privileges of the processes in containers, and access to the health addresses."""

from __future__ import annotations

import re

import pytest

from tests.containers.client import get
from tests.containers.stack import Stack

UID = "10001"
OURS = ["web", "uploads", "worker", "reports", "trainer"]


@pytest.mark.parametrize("service", OURS)
def test_processes_have_neither_root_nor_capabilities(stack: Stack, service: str) -> None:
    status = stack.execute(service, "sh", "-c", "cat /proc/[0-9]*/status 2>/dev/null")
    uids = re.findall(r"^Uid:\s+(.*)$", status, re.M)
    assert len(uids) > 2
    assert {uid for line in uids for uid in line.split()} == {UID}
    for kind in ("CapEff", "CapPrm", "CapBnd"):
        assert set(re.findall(rf"^{kind}:\s+(\w+)$", status, re.M)) == {"0" * 16}
    assert set(re.findall(r"^NoNewPrivs:\s+(\d)$", status, re.M)) == {"1"}


@pytest.mark.parametrize("service", OURS)
def test_root_file_system_is_read_only(stack: Stack, service: str) -> None:
    root = re.search(r"^\S+ / \S+ (\S+)", stack.execute(service, "cat", "/proc/mounts"), re.M)
    assert root
    assert "ro" in root.group(1).split(",")


@pytest.mark.parametrize("service", OURS)
def test_no_file_is_world_writable_or_set_uid(stack: Stack, service: str) -> None:
    """Set-uid bits of the base image are allowed, because no-new-privileges disables them."""
    find = ["find", "/", "-xdev", "-perm", "-0002", "!", "-type", "l", "!", "-perm", "-1000"]
    assert stack.execute(service, *find, check=False).split() == []
    ours = ["find", "/app", "/opt/venv", "/data", "-perm", "/6000"]
    assert stack.execute(service, *ours).split() == []


@pytest.mark.parametrize("service", OURS)
def test_program_is_readable_and_not_owned_by_its_account(stack: Stack, service: str) -> None:
    find = ["find", "/app", "/opt/venv", "(", "-uid", UID, "-o", "!", "-readable", ")"]
    assert stack.execute(service, *find).split() == []


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/healthz"])
def test_health_is_available_by_ip_for_any_host_and_without_tls(stack: Stack, path: str) -> None:
    by_ip = stack.url.replace("localhost", "127.0.0.1")
    assert get(by_ip + path).status == 200
    assert get(stack.url + path, Host="elsewhere.example.org").status == 200
    assert get(stack.plain_url + path).status == 200
    inside = f"import urllib.request as r; r.urlopen('http://127.0.0.1:8000{path}')"
    stack.execute("web", "python", "-c", inside)


def test_pages_are_unavailable_for_another_host_or_without_tls(stack: Stack) -> None:
    assert get(stack.url + "/accounts/login/", Host="elsewhere.example.org").status == 400
    assert get(stack.plain_url + "/accounts/login/").location.startswith("https://")


def test_static_files_reach_the_browser(stack: Stack) -> None:
    page = get(stack.url + "/accounts/login/").text
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert files
    assert [get(stack.url + file).status for file in files] == [200] * len(files)


@pytest.mark.parametrize("service", OURS)
def test_health_check_of_the_image_passes(stack: Stack, service: str) -> None:
    served = "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/livez', timeout=5)"
    worker = "import sys, studies.monitoring.worker_health as w; sys.exit(w.main())"
    command = {
        "web": served,
        "uploads": served,
        "worker": worker,
        "reports": worker,
        "trainer": worker,
    }[service]
    stack.execute(service, "python", "-c", command)
