"""Compressed images as a coordinator uploads them; runs in a version's checkout."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from unittest.mock import patch

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile
from pydicom import dcmread, dcmwrite
from pydicom.uid import JPEGLSLossless, generate_uid

from tests.make import dicom_bytes

from .probe import measure, size_of
from .study import SLUG, signed_in

HEIGHT, WIDTH = 1024, 512
WARM = 4


def upload(count: int) -> dict[str, float]:
    """Upload files one by one, after a few that start the decoders."""
    client = signed_in("clara")
    files = list(_files(count + WARM))

    def send(numbers: range) -> int:
        size = 0
        for number in numbers:
            file = SimpleUploadedFile(f"{number}.dcm", files[number])
            body = {"site": "A", "file": file}
            response = client.post(f"/api/v1/studies/{SLUG}/uploads", body)
            statuses = {upload["status"] for upload in response.json()["results"]}
            assert statuses == {"accepted"}, response.content[:300]
            size += size_of(response)
        return size

    celery = import_module("studies.celery")
    with patch.object(celery.app, "send_task"):
        send(range(WARM))
        return measure(lambda: send(range(WARM, WARM + count)))


def _files(count: int) -> Iterator[bytes]:
    """Yield JPEG-LS images of 512 x 1,024 pixels of 12 bits, each of another patient."""
    rng = np.random.default_rng(3)
    down, across = np.mgrid[:HEIGHT, :WIDTH]
    shape = 1800 + 900 * np.sin(down / 60) * np.exp(-(((across - 260) / 90) ** 2))
    for number in range(count):
        image = np.clip(shape + rng.normal(0, 12, shape.shape) + number, 0, 4095)
        data = dcmread(BytesIO(dicom_bytes()))
        data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = generate_uid(
            entropy_srcs=[str(number)]
        )
        data.PatientID = f"MRN-{number:05d}"
        data.Rows, data.Columns, data.PixelSpacing = HEIGHT, WIDTH, [0.6, 0.6]
        data.BitsAllocated, data.BitsStored, data.HighBit = 16, 12, 11
        data.PixelData = image.astype("<u2").tobytes()
        data.compress(JPEGLSLossless, generate_instance_uid=False)
        out = BytesIO()
        dcmwrite(out, data, enforce_file_format=True)
        yield out.getvalue()
