"""The page on which a study is copied."""

from __future__ import annotations

import pytest
from django.urls import reverse

from studies.protocol.models import Study

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(cast):
    return reverse("copy-study", args=[cast.study.slug])


def post(client, address, **data):
    return client.post(address, {"name": "Second trial", **data}, format="multipart")


def test_coordinator_copies_selected_parts(cast, client_of, address):
    client = client_of(cast.coordinator)
    page = client.get(address).content.decode()
    assert "Copy of Guides trial" in page and "Certification" not in page.split("<form")[0]
    answer = post(client, address, parts=["sites"], people="members")
    assert answer["Location"] == reverse("setup", args=["second-trial"])
    copied = Study.objects.get(slug="second-trial")
    assert copied.sites.count() == 2 and copied.memberships.count() == 5


def test_links_of_invitations_are_shown_once(cast, client_of, address):
    client = client_of(cast.coordinator)
    answer = post(client, address, parts=["sites"], people="invitations")
    page = answer.content.decode()
    assert answer.status_code == 200 and page.count("/join/") + page.count("invitation") >= 4
    assert "no-store" in answer["Cache-Control"]
    assert Study.objects.get(slug="second-trial").invitations.count() == 4


def test_people_without_sites_are_refused_with_a_reason(cast, client_of, address):
    page = post(client_of(cast.coordinator), address, people="members").content.decode()
    assert "To copy people, select the sites as well." in page
    assert not Study.objects.filter(slug="second-trial").exists()


def test_statistician_who_may_create_studies_sees_no_people(cast, client_of, address):
    assert client_of(cast.statistician).get(address).status_code == 403
    cast.statistician.may_create_studies = True
    cast.statistician.save()
    client = client_of(cast.statistician)
    page = client.get(address).content.decode()
    assert 'name="people"' not in page and "rita" not in page
    assert 'value="sites"' in page
    assert 'value="instructions"' not in page and 'value="practice"' not in page
    # A forged value changes nothing, since the form has no such field.
    assert post(client, address, parts=["sites"], people="members").status_code == 302
    assert Study.objects.get(slug="second-trial").memberships.count() == 1


def test_readers_and_site_coordinators_cannot_copy(cast, client_of, address):
    assert client_of(cast.reader.user).get(address).status_code == 404
    assert client_of(cast.site_coordinator).get(address).status_code == 403


def test_design_page_offers_the_copy_to_those_who_may_create_studies(cast, client_of, address):
    client = client_of(cast.coordinator)
    setup = reverse("setup", args=[cast.study.slug])
    assert address in client.get(setup).content.decode()
    cast.coordinator.may_create_studies = False
    cast.coordinator.save()
    assert address not in client_of(cast.coordinator).get(setup).content.decode()
