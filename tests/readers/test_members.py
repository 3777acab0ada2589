import pytest
from django.test import Client

from studies.errors import Conflict
from studies.readers.members import set_active

pytestmark = pytest.mark.django_db


def test_reader_who_is_taken_out_reads_no_more_and_may_come_back(cast, client_of):
    cast.deal()
    url = f"/api/v1/studies/{cast.study.slug}/reading"
    client = client_of(cast.reader.user)
    assert client.get(url).status_code == 200
    set_active(membership=cast.reader, active=False, by=cast.coordinator)
    assert client.get(url).status_code == 404
    set_active(membership=cast.reader, active=True, by=cast.coordinator)
    assert client.get(url).status_code == 200


def test_nobody_takes_themselves_out(cast):
    own = cast.coordinator.memberships.get(study=cast.study)
    with pytest.raises(Conflict, match="Ask another coordinator"):
        set_active(membership=own, active=False, by=cast.coordinator)


def test_form_that_was_open_too_long_says_that_nothing_was_changed(db):
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "x"})
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()
