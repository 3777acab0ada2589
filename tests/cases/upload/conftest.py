"""Files with the same pixels and other headers, sent by coordinators."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile


@pytest.fixture
def send(cast, client_of):
    def post(data: bytes, *, by: Any = None, site: str = "A", name: str = "scan.dcm") -> Any:
        answer = client_of(by or cast.coordinator).post(
            f"/api/v1/studies/{cast.study.slug}/uploads",
            {"file": SimpleUploadedFile("x", data), "name": name, "site": site},
            format="multipart",
        )
        assert answer.status_code == 201, answer.content
        (result,) = answer.json()["results"]
        return result

    return post


@pytest.fixture
def act(cast, client_of):
    def post(case: dict[str, Any], action: str, **body: Any) -> Any:
        answer = client_of(cast.coordinator).post(
            f"/api/v1/cases/{case['id']}/{action}", body, format="json"
        )
        assert answer.status_code == 200, answer.content
        return answer.json()

    return post
