"""Coordinators set refreshers before the study is opened."""

from __future__ import annotations

import pytest

from studies.errors import Conflict
from studies.practice.models import PracticeCase
from studies.practice.practice_set import remove_practice_case
from studies.practice.refreshers.rules import set_refreshers
from tests.practice.refreshers.people import set_up_refreshers

pytestmark = pytest.mark.django_db


def test_rules_need_enough_practice_cases_and_end_with_the_opening(cast):
    with pytest.raises(Conflict, match="practice set contains only 0"):
        set_refreshers(study=cast.study, by=cast.coordinator, interval=50)
    set_up_refreshers(cast, phantoms=1)
    with pytest.raises(Conflict, match="Add another case first"):
        remove_practice_case(practice_case=PracticeCase.objects.get(), by=cast.coordinator)
    cast.assign_cases(1)
    with pytest.raises(Conflict, match="has been opened"):
        set_refreshers(study=cast.study, by=cast.coordinator, interval=None)


def test_coordinator_sets_refreshers_on_the_page(cast, client_of):
    client = client_of(cast.coordinator)
    address = f"/studies/{cast.study.slug}/practice/refreshers"
    sent = {"enabled": "on", "interval": 50, "cases": 2}
    refused = client.post(address, sent, format="multipart")
    assert refused.status_code == 400
    assert "practice set contains only 0" in refused.content.decode()
    client.post(f"/studies/{cast.study.slug}/practice/phantoms", {"number": 2}, format="multipart")
    assert client.post(address, sent, format="multipart").status_code == 302
    cast.study.refresh_from_db()
    assert (cast.study.refresher_interval, cast.study.refresher_cases) == (50, 2)
    assert cast.study.refresher_feedback is False
