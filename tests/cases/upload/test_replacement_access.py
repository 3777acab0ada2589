"""Who may replace an image, and what the coordinator of another site learns."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from studies.cases.upload.replacement import DUPLICATE_TEXT
from tests.cases.upload.replaced import CORRECTED, FIRST, only_case

pytestmark = pytest.mark.django_db


class TestOtherSite:
    @pytest.mark.parametrize("data", [FIRST, CORRECTED])
    def test_site_coordinator_learns_nothing_of_another_sites_case(
        self, send, cast, client_of, data
    ):
        first = send(FIRST, site="B")
        again = send(data, by=cast.site_coordinator)
        assert again["status"] == "duplicate"
        assert again["case"] is None
        assert again["reason"]["text"] == DUPLICATE_TEXT
        listed = client_of(cast.site_coordinator).get(f"/api/v1/studies/{cast.study.slug}/uploads")
        for secret in ("C0001", "P0001", first["case"]["id"], "Hospital B", "spacing"):
            assert secret not in listed.content.decode()
        assert only_case().image.version == 1

    def test_coordinator_of_the_study_is_told_to_choose_that_site(self, send):
        send(FIRST, site="B")
        again = send(CORRECTED, site="A")
        assert again["status"] == "duplicate"
        assert "as case C0001 of Hospital B" in again["reason"]["text"]
        assert send(CORRECTED, site="B")["status"] == "replaced"

    def test_image_that_another_site_excluded_is_added_without_its_label(self, send, act, cast):
        act(send(FIRST, site="B")["case"], "exclude", reason="sent by mistake")
        again = send(FIRST, by=cast.site_coordinator)
        assert again["status"] == "accepted"
        assert again["case"]["label"] == "C0002"
        assert "C0001" not in again["reason"]["text"]

    def test_site_coordinator_replaces_a_case_of_that_site(self, send, cast):
        send(FIRST)
        again = send(CORRECTED, by=cast.site_coordinator)
        assert again["status"] == "replaced"
        assert "C0001" in again["reason"]["text"]

    def test_uploader_who_changed_to_another_site_no_longer_sees_the_label(
        self, send, cast, client_of
    ):
        send(FIRST)
        send(CORRECTED, by=cast.site_coordinator)
        cast.site_coordinator.memberships.update(site=cast.other_site)
        client = client_of(cast.site_coordinator)
        body = client.get(f"/api/v1/studies/{cast.study.slug}/uploads").content.decode()
        assert "replaced" in body and "C0001" not in body and "P0001" not in body


@pytest.mark.parametrize("person", ["reader", "statistician", "outsider"])
def test_only_coordinators_replace_an_image(send, cast, client_of, person):
    send(FIRST)
    user = getattr(cast, person)
    answer = client_of(getattr(user, "user", user)).post(
        f"/api/v1/studies/{cast.study.slug}/uploads",
        {"file": SimpleUploadedFile("x", CORRECTED), "name": "x", "site": "A"},
        format="multipart",
    )
    assert answer.status_code == 404
    assert only_case().image.version == 1
