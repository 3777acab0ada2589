"""A real S3 server (SeaweedFS) on this machine, whose S3 gateway can be stopped and started."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

PATIENCE_S = 400
ACCESS_KEY, SECRET_KEY = "verteread-access", "verteread-secret-key"
BUCKET = "verteread-images"


class S3Server:
    """The store is one process and the gateway another, which starts again within a second."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        names = ("master", "master.grpc", "volume", "volume.grpc", "filer", "filer.grpc", "s3")
        self._ports = dict(zip([*names, "s3.grpc"], free_ports(len(names) + 1), strict=True))
        self.address = f"127.0.0.1:{self._ports['s3']}"
        (folder / "store").mkdir()
        identity = {
            "name": "verteread",
            "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
            "actions": ["Admin", "Read", "Write", "List"],
        }
        (folder / "identities.json").write_text(json.dumps({"identities": [identity]}))
        self._store: subprocess.Popen[bytes] | None = None
        self._gateway: subprocess.Popen[bytes] | None = None

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a VerteRead that stores its files here."""
        return {
            "VERTEREAD_S3_BUCKET": BUCKET,
            "VERTEREAD_S3_ENDPOINT": f"http://{self.address}",
            "VERTEREAD_S3_REGION": "us-east-1",
            "VERTEREAD_S3_ACCESS_KEY": ACCESS_KEY,
            "VERTEREAD_S3_SECRET_KEY": SECRET_KEY,
        }

    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=f"http://{self.address}",
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            region_name="us-east-1",
            config=Config(
                connect_timeout=2,
                read_timeout=10,
                retries={"total_max_attempts": 1},
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
            ),
        )

    def stored_keys(self) -> set[str]:
        listed = self.client().list_objects_v2(Bucket=BUCKET)
        return {entry["Key"] for entry in listed.get("Contents", [])}

    def start(self) -> None:
        """Start both processes and create the bucket."""
        ports = self._ports
        arguments = [f"-{name}.port={ports[name]}" for name in ("master", "volume", "filer")]
        arguments += [
            f"-{name}.port.grpc={ports[f'{name}.grpc']}" for name in ("master", "volume", "filer")
        ]
        self._store = self._run(
            "server",
            *arguments,
            f"-dir={self.folder / 'store'}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-filer",
            f"-filer.localSocket={self.folder / 'filer.sock'}",
            "-master.telemetry=false",
            "-master.volumeSizeLimitMB=64",
            "-volume.max=8",
        )
        self.start_gateway()

    def start_gateway(self) -> None:
        self._run_gateway()
        self._wait_until_usable()

    def _run_gateway(self) -> None:
        ports = self._ports
        self._gateway = self._run(
            "s3",
            f"-port={ports['s3']}",
            f"-port.grpc={ports['s3.grpc']}",
            f"-filer=127.0.0.1:{ports['filer']}.{ports['filer.grpc']}",
            f"-config={self.folder / 'identities.json'}",
            f"-localSocket={self.folder / 's3.sock'}",
            "-ip.bind=127.0.0.1",
            # Turn off the servers beside the gateway, whose ports another run may use.
            "-port.iceberg=0",
            "-port.lance=0",
        )

    def stop_gateway(self) -> None:
        """Refuse connections from now on, as a server that is down does."""
        assert self._gateway is not None
        self._gateway.kill()
        self._gateway.wait()

    def pause_gateway(self) -> None:
        """Take connections and never answer."""
        assert self._gateway is not None
        self._gateway.send_signal(signal.SIGSTOP)

    def resume_gateway(self) -> None:
        assert self._gateway is not None
        self._gateway.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        for process in (self._gateway, self._store):
            if process is not None:
                process.kill()
                process.wait()
        for port in self._ports.values():
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                left.unlink(missing_ok=True)

    def _run(self, *arguments: str) -> subprocess.Popen[bytes]:
        weed = Path(sys.executable).parent / "weed"
        with (self.folder / f"{arguments[0]}.log").open("ab") as log:
            return subprocess.Popen(
                [str(weed), *arguments],
                cwd=self.folder,
                env=os.environ | {"TMPDIR": str(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_until_usable(self) -> None:
        """Wait until an object can be stored; the first start also creates the bucket."""
        client, deadline = self.client(), time.monotonic() + PATIENCE_S
        while True:
            try:
                with suppress(client.exceptions.BucketAlreadyOwnedByYou):
                    client.create_bucket(Bucket=BUCKET)
                client.put_object(Bucket=BUCKET, Key="probe", Body=b"")
                client.delete_object(Bucket=BUCKET, Key="probe")
                return
            except (BotoCoreError, ClientError) as error:
                if time.monotonic() > deadline:
                    raise AssertionError(f"SeaweedFS did not start: {error}") from error
                if self._gateway is not None and self._gateway.poll() is not None:
                    self._run_gateway()  # it gives up when the store is slow to start
                time.sleep(0.05)


def free_ports(count: int) -> list[int]:
    """Return ports that are free, all different because all are taken at once."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for unused in sockets:
            unused.bind(("127.0.0.1", 0))
        return [unused.getsockname()[1] for unused in sockets]
    finally:
        for unused in sockets:
            unused.close()
