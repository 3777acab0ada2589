"""Where one clone keeps what is not source, and as whom its servers run.

PostgreSQL refuses to run as root. Started by root, the servers run as an ordinary account and own
their data by it; where that account cannot reach the clone, the data goes to /var/lib instead of
anybody's folders being opened up.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SERVER_ACCOUNT = "nobody"
LEAST_FREE_MB = 300


class LocalError(Exception):
    """What stops the launcher, in one line that says what to do."""


@dataclass(frozen=True)
class Account:
    """The ordinary account that servers run as when root starts them."""

    uid: int
    gid: int

    def popen_options(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class Place:
    """The folders of one clone (or of one throwaway run).

    Attributes
    ----------
    var
        Secrets, ports, process records and logs: owned by whoever starts.
    data
        The servers' folders; the same as `var` unless the servers' account cannot reach that.
    binaries
        Where programs are copied to when the account cannot reach those in the virtual environment.
    account
        None: the servers run as whoever starts them.
    throwaway
        The data is worth nothing: PostgreSQL may skip fsync.
    """

    var: Path
    data: Path
    binaries: Path
    account: Account | None
    throwaway: bool = False

    def run_as(self) -> dict[str, Any]:
        """What subprocess needs in order to run a server: account, folder, a bare environment."""
        options: dict[str, Any] = {
            "cwd": self.data,
            "env": {"PATH": os.defpath, "HOME": str(self.data), "LC_ALL": "C", "TZ": "UTC"},
        }
        return options | (self.account.popen_options() if self.account else {})

    def give(self, path: Path) -> None:
        """Hand a file or an empty folder to the servers' account."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def program_folder(self, package: str, inside: str) -> Path:
        """A wheel's folder of programs, copied to where the servers' account can run them."""
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise LocalError(f"The package {package} is not installed: run `make setup`.")
        source = Path(spec.origin).parent / inside
        if not source.is_dir():
            raise LocalError(f"{package} has no programs for this kind of machine (Linux x86-64).")
        if self.account is None or _can_enter(self.account, source):
            return source
        copy = self.binaries / f"{package}-{version(package.replace('_', '-'))}"
        if not copy.is_dir():
            unfinished = copy.with_suffix(".new")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(mode=0o755)
            leave_out = shutil.ignore_patterns("include", "*.a", "pgxs", "__pycache__")
            site = Path(spec.origin).parent.parent
            for folder in (package, f"{package}.libs"):
                if (site / folder).is_dir():
                    shutil.copytree(site / folder, unfinished / folder, ignore=leave_out)
            for path in [unfinished, *unfinished.rglob("*")]:
                path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
            unfinished.rename(copy)
        return copy / package / inside


def find_place(clone: Path) -> Place:
    """The place of a clone, made where it is missing; the choice is recorded in ``var/``."""
    var = clone / "var"
    try:
        var.mkdir(exist_ok=True)
        for name in ("run", "log", "storage", "spool"):
            (var / name).mkdir(mode=0o700, exist_ok=True)
    except PermissionError:
        raise LocalError(f"{var} cannot be written: it belongs to another account.") from None
    free_mb = shutil.disk_usage(var).free // 2**20
    if free_mb < LEAST_FREE_MB:
        raise LocalError(
            f"The disk that holds {var} is full ({free_mb} MB free): free at least "
            f"{LEAST_FREE_MB} MB and start again."
        )
    if os.geteuid() != 0:
        if not os.access(var, os.W_OK):
            raise LocalError(f"{var} belongs to another account: start as that one.")
        return Place(var, var, var, None)
    account = _owner(var / "postgres") or _server_account()
    record = var / "server-data.txt"
    if record.exists():
        data = Path(record.read_text().strip())
    elif _can_enter(account, var):
        data = var
    else:
        mark = hashlib.sha256(str(clone.resolve()).encode()).hexdigest()[:12]
        data = Path(f"/var/lib/verteread-{mark}")
        record.write_text(f"{data}\n")
    if not data.is_dir():
        data.mkdir()
        data.chmod(0o755)
    return Place(var, data, data, _owner(data / "postgres") or account)


@contextmanager
def throwaway_place(clone: Path) -> Iterator[Place]:
    """A place in a temporary folder that is gone afterwards."""
    home = find_place(clone) if os.geteuid() == 0 else None
    account = home.account if home else None
    parent = Path(tempfile.gettempdir())
    if account and not _can_enter(account, parent):
        parent = Path("/var/tmp")
    folder = Path(tempfile.mkdtemp(prefix="verteread-", dir=parent))
    try:
        if account:
            folder.chmod(0o711)
        for name in ("run", "log", "storage", "spool"):
            (folder / name).mkdir(mode=0o700)
        yield Place(folder, folder, home.data if home else folder, account, throwaway=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _server_account() -> Account:
    try:
        entry = pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        raise LocalError(
            f"PostgreSQL does not run as root and there is no account '{SERVER_ACCOUNT}' "
            "to run it as: start as an ordinary user."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def _owner(cluster: Path) -> Account | None:
    """The ordinary account that an existing cluster belongs to."""
    if not cluster.is_dir():
        return None
    status = cluster.stat()
    return Account(status.st_uid, status.st_gid) if status.st_uid != 0 else None


def _can_enter(account: Account, folder: Path) -> bool:
    """Whether the account reaches the folder, asked of the kernel by trying."""
    trial = subprocess.run(
        ["test", "-r", str(folder), "-a", "-x", str(folder)],
        cwd="/",
        check=False,
        **account.popen_options(),
    )
    return trial.returncode == 0
