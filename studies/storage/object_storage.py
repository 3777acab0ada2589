"""Storage of files in an S3 bucket (VERTEREAD_S3_BUCKET).

Encryption at rest, versioning, replication and blocking of public access are settings of the
bucket: see docs/storage.md. VerteRead sets no access control list, so that objects follow the
bucket's policy, which is private by default.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, NoReturn

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from studies.storage.files import StorageFull, StorageUnavailable, StoredFile, storage_errors

# A transaction waits for at most four requests (IDLE_TRANSACTION_S in studies/settings.py).
CONNECT_TIMEOUT_S = 3
READ_TIMEOUT_S = 15
ATTEMPTS = 2
CONTENT_TYPE = "application/octet-stream"
# Amazon's buckets do not fill up; these codes come from other servers that speak S3.
FULL_CODES = {"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull"}
CLIENT_LOCK = threading.Lock()


@contextmanager
def object_storage_errors(name: str) -> Iterator[None]:
    """Turn the errors of boto into StorageUnavailable or StorageFull."""
    try:
        with storage_errors(name):
            yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "unknown")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        kind = StorageFull if status == 507 or code in FULL_CODES else StorageUnavailable
        raise kind(f"{name}: the object storage answered {code}") from error
    except BotoCoreError as error:
        raise StorageUnavailable(f"{name}: {type(error).__name__}") from error


class ObjectStorage(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """Private objects that are never overwritten and have no URL."""

    _client: Any = None

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.client_config = client_config(other_server=bool(self.endpoint_url))

    def get_default_settings(self) -> dict[str, Any]:
        """Ignore AWS_* variables, except in boto's own search for credentials."""
        return {
            **super().get_default_settings(),
            "access_key": None,
            "secret_key": None,
            "security_token": None,
            "session_profile": None,
            "default_acl": None,
            # Rows refer to files that never change, so a name in use gets another one.
            "file_overwrite": False,
        }

    @property
    def client(self) -> Any:
        """Return the client of this process; clients are thread-safe, boto's resources are not."""
        # Threads of one process may ask for the client at the same time.
        with CLIENT_LOCK:
            if self._client is None:
                self._client = self.connection.meta.client
            return self._client

    def check_reachable(self) -> None:
        """Raise StorageUnavailable unless the bucket answers."""
        with object_storage_errors(self.bucket_name):
            self.client.head_bucket(Bucket=self.bucket_name)

    def url(self, name: str | None, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: a URL would bypass the permission checks of the views."""
        raise NotImplementedError(
            "Stored files have no URL: views serve them after checking permissions."
        )

    def delete(self, name: str) -> None:
        """Delete an object; a missing object is not an error."""
        with object_storage_errors(name):
            self.client.delete_object(Bucket=self.bucket_name, Key=self._normalize_name(name))

    def exists(self, name: str) -> bool:
        """Return whether there is an object of this name."""
        with object_storage_errors(name):
            try:
                self._head(name)
            except ClientError as error:
                # HEAD responses have no body, and so no code of the error besides the status.
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                    return False
                raise
        return True

    def size(self, name: str) -> int:
        """Return the size of an object in bytes."""
        with object_storage_errors(name):
            return int(self._head(name)["ContentLength"])

    def stored_files(self) -> Iterator[StoredFile]:
        """Yield every object, a thousand per request."""
        with object_storage_errors(self.bucket_name):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket_name)
            for page in pages:
                for entry in page.get("Contents", []):
                    yield StoredFile(entry["Key"], entry["LastModified"])

    def _head(self, name: str) -> Any:
        return self.client.head_object(Bucket=self.bucket_name, Key=self._normalize_name(name))

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        """Fetch the whole object in one request."""
        if mode != "rb":
            raise ValueError("Stored files are opened for reading in binary mode only.")
        with object_storage_errors(name):
            key = self._normalize_name(name)
            stored = self.client.get_object(Bucket=self.bucket_name, Key=key)
            # Read completely, so that an error cannot occur after a response has begun.
            return File(BytesIO(stored["Body"].read()), name)

    def _save(self, name: str, content: File[Any]) -> str:
        """Send the whole object in one request, so that no partial object can remain."""
        content.seek(0)
        with object_storage_errors(name):
            self.client.put_object(
                Bucket=self.bucket_name,
                Key=self._normalize_name(name),
                Body=content.read(),
                ContentType=CONTENT_TYPE,
            )
        return name


def client_config(*, other_server: bool) -> Config:
    """Return the time limits and the protocol options of the client.

    Servers other than Amazon's often support neither buckets in host names nor the checksums that
    newer clients add, so these are turned off for them.
    """
    dialect: dict[str, Any] = {"s3": {"addressing_style": "auto"}}
    if other_server:
        dialect = {
            "s3": {"addressing_style": "path"},
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
        }
    return Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        signature_version="s3v4",
        **dialect,
    )
