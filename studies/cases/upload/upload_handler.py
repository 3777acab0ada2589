"""Where a file waits while it is received: on disk without a name, and only if it is expected."""

from __future__ import annotations

import tempfile
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from studies.storage.files import as_storage_away

UPLOADS = "api-uploads"


class NamelessFile(FileUploadHandler):
    """Spools to a file that has no name, so that nothing is left of it when the server is killed.

    Django parses forms before a view has checked anything: a file is refused before its first byte
    is written, unless the view has said so by `studies.cases.upload.receiving`.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if not hasattr(self.request, "incoming"):
            raise RequestDataTooBig("No file is expected in this request.")
        with as_storage_away("spool"):
            self.file = UploadedFile(
                # Unbuffered: a full disk shows with the piece that does not fit.
                tempfile.TemporaryFile(dir=settings.SPOOL, buffering=0),  # noqa: SIM115
                self.file_name,
                self.content_type,
            )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        with as_storage_away("spool"):
            rest = memoryview(raw_data)
            while rest:
                rest = rest[self.file.write(rest) :]

    def file_complete(self, file_size: int) -> UploadedFile:
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
