"""The storage itself: what it promises, and which error it raises."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from studies.storage import object_storage
from studies.storage.files import StorageUnavailable
from tests.object_storage.conftest import use_bucket


def test_silent_server_is_given_up_after_the_time_limit(bucket, settings, monkeypatch):
    monkeypatch.setattr(object_storage, "READ_TIMEOUT_S", 1)
    monkeypatch.setattr(object_storage, "ATTEMPTS", 1)
    use_bucket(settings)
    default_storage.save("a/b", ContentFile(b"1"))
    bucket.pause_gateway()
    try:
        with pytest.raises(StorageUnavailable, match="ReadTimeoutError"):
            default_storage.open("a/b")
    finally:
        bucket.resume_gateway()


def test_wrong_key_or_missing_object_is_storage_away(bucket, settings, monkeypatch):
    with pytest.raises(StorageUnavailable, match="NoSuchKey"):
        default_storage.open("missing")
    monkeypatch.setenv("VERTEREAD_S3_SECRET_KEY", "wrong")
    use_bucket(settings)
    for use in (
        lambda: default_storage.open("missing"),
        lambda: default_storage.exists("missing"),
        lambda: default_storage.delete("missing"),
        lambda: default_storage.save("new", ContentFile(b"1")),
        default_storage.check_reachable,
    ):
        with pytest.raises(StorageUnavailable):
            use()


def test_objects_are_never_overwritten_and_have_no_address(bucket):
    first = default_storage.save("a/report.pdf", ContentFile(b"1"))
    second = default_storage.save("a/report.pdf", ContentFile(b"22"))
    assert first != second
    assert default_storage.open(first).read() == b"1"
    assert default_storage.size(second) == 2
    with pytest.raises(NotImplementedError):
        default_storage.url(first)


def test_variables_of_amazons_tools_are_not_taken_for_ours(bucket, settings, monkeypatch):
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of another account")
    monkeypatch.setenv("AWS_S3_ACCESS_KEY_ID", "of another account")
    monkeypatch.setenv("AWS_S3_SESSION_PROFILE", "of another account")
    use_bucket(settings)
    default_storage.check_reachable()
