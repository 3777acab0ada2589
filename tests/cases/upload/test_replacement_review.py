"""The de-identification review of an image whose header was corrected."""

from __future__ import annotations

import pytest

from tests.cases.upload.replaced import FIRST, only_case
from tests.make import dicom_bytes

pytestmark = pytest.mark.django_db


class TestPendingReview:
    def test_pending_case_stays_pending_and_the_change_is_named(self, send):
        send(dicom_bytes(BurnedInAnnotation="YES"))
        again = send(dicom_bytes(BurnedInAnnotation="YES", PixelSpacing="2.0\\2.0"))
        assert again["status"] == again["case"]["state"] == "pending_review"
        assert again["reason"]["text"].startswith("Replaced version 1 of case C0001: pixel")

    def test_header_that_rules_a_name_out_ends_the_review(self, send):
        send(dicom_bytes(BurnedInAnnotation="YES"))
        again = send(FIRST)
        assert (again["status"], again["case"]["state"]) == ("replaced", "received")
        assert again["case"]["reason"] is None

    def test_header_that_names_burned_in_text_begins_one(self, send):
        send(FIRST)
        assert send(dicom_bytes(BurnedInAnnotation="YES"))["case"]["state"] == "pending_review"

    def test_release_of_the_same_pixels_stays_valid(self, send, act):
        act(send(dicom_bytes(BurnedInAnnotation="YES"))["case"], "release")
        again = send(dicom_bytes(BurnedInAnnotation="YES", PixelSpacing="2.0\\2.0"))
        assert (again["status"], again["case"]["state"]) == ("replaced", "received")
        assert only_case().released

    @pytest.mark.parametrize(
        "elements", [{"WindowCenter": 100, "WindowWidth": 80}, {"BurnedInAnnotation": None}]
    )
    def test_image_that_looks_different_is_reviewed_again(self, send, act, elements):
        act(send(dicom_bytes(BurnedInAnnotation="YES"))["case"], "release")
        again = send(dicom_bytes(**{"BurnedInAnnotation": "YES", **elements}))
        assert again["case"]["state"] == "pending_review"
        assert not only_case().released

    def test_release_that_was_undone_stays_undone(self, send, act):
        first = send(dicom_bytes(BurnedInAnnotation="YES"))
        act(first["case"], "release")
        act(first["case"], "undo-release")
        again = send(FIRST)
        assert again["case"]["state"] == "pending_review"
        assert only_case().reason_code == "release_undone"
