"""Where a file waits while it is being sent: on disk without a name, and only where files go."""

from __future__ import annotations

import tempfile
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from studies.errors import StudyError
from studies.storage.files import as_storage_away

UPLOADS = "api-uploads"
FORM_BYTES = 2**20


class NamelessFile(FileUploadHandler):
    """Spools to a file that has no name, so that nothing is left of it when the server is killed.

    Forms are parsed before anybody asks who sent them: a file at any other address, or of
    somebody who is not signed in, is turned away before its first byte is written.
    """

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any
    ) -> None:
        self.welcome = self._is_expected()
        if self.welcome and content_length > settings.MAX_UPLOAD_BYTES + FORM_BYTES:
            limit = settings.MAX_UPLOAD_BYTES // 2**20
            text = f"This file is larger than {limit} MB, the most that this server takes."
            raise StudyError("too_large", text, status=413)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if not self.welcome:
            raise RequestDataTooBig("Nobody asked for a file here.")
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

    def _is_expected(self) -> bool:
        request: Any = self.request
        place = getattr(request, "resolver_match", None)
        return place is not None and place.url_name == UPLOADS and request.user.is_authenticated
