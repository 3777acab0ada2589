"""Upload handler that spools expected files to disk without a name, and rejects all others."""

from __future__ import annotations

import tempfile
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from studies.storage.files import storage_errors

UPLOADS = frozenset({"api-uploads", "api-add-model"})
"""Names of the addresses that a process for uploads serves."""


class UnnamedTemporaryFileHandler(FileUploadHandler):
    """Spools to an unnamed file, which disappears if the server is killed.

    Django parses forms before a view has checked anything, so a file is rejected before its first
    byte is written unless the view permits it with `studies.cases.upload.request_body`.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        # Django would spool a file from any form, even that of the sign-in page.
        if not hasattr(self.request, "incoming"):
            raise RequestDataTooBig("This request must not contain a file.")
        with storage_errors("spool"):
            self.file: UploadedFile[Any] = UploadedFile(
                # Unbuffered, so that a full disk raises for the piece that does not fit.
                tempfile.TemporaryFile(dir=settings.SPOOL, buffering=0),  # noqa: SIM115
                self.file_name,
                self.content_type,
            )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        with storage_errors("spool"):
            # An unbuffered write may write less than it was given.
            rest = memoryview(raw_data)
            while rest:
                rest = rest[self.file.write(rest) :]

    def file_complete(self, file_size: int) -> UploadedFile[Any]:
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
