"""The profile of a reader: asked once, voluntary, and named only with consent."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studies.audit.models import Event
from studies.readers.models import ReaderProfile
from studies.reports.summaries.profiles import summarise_profiles

pytestmark = pytest.mark.django_db
ANSWERS = {"profession": "radiologist", "years": "7", "aac_readings": "250"}


def save(client, **answers):
    return client.post(reverse("reader-profile"), {**ANSWERS, **answers}, format="multipart")


def test_reader_is_asked_at_home_until_the_profile_is_entered(cast, client_of):
    client = client_of(cast.reader.user)
    assert "Enter reader profile" in client.get("/").content.decode()
    assert save(client).status_code == 302
    assert "Enter reader profile" not in client.get("/").content.decode()
    profile = ReaderProfile.objects.get()
    assert (profile.profession, profile.years, profile.aac_readings) == ("radiologist", 7, 250)
    assert profile.named is False


def test_reader_who_skips_is_not_asked_again_but_can_answer_later(cast, client_of):
    client = client_of(cast.reader.user)
    for _ in range(2):
        assert client.post(reverse("skip-reader-profile")).status_code == 302
    assert Event.objects.filter(action="reader_profile.skipped").count() == 1
    assert "Enter reader profile" not in client.get("/").content.decode()
    assert "Change reader profile" in client.get(reverse("profile")).content.decode()
    save(client)
    client.post(reverse("skip-reader-profile"))
    assert ReaderProfile.objects.get().years == 7


def test_only_readers_are_asked(cast, client_of):
    for user in (cast.coordinator, cast.statistician):
        client = client_of(user)
        assert "Enter reader profile" not in client.get("/").content.decode()
        assert "Change reader profile" not in client.get(reverse("profile")).content.decode()
        assert save(client).status_code == 404


def test_audit_trail_has_the_fields_but_no_answers(cast, client_of):
    client = client_of(cast.reader.user)
    save(client)
    save(client)
    event = Event.objects.get(action="reader_profile.changed")
    assert event.data == {"fields": ["profession", "years", "aac_readings"]}


@pytest.mark.parametrize("answers", [{"years": "71"}, {"years": "-1"}, {"profession": "king"}])
def test_invalid_answer_is_rejected(cast, client_of, answers):
    response = save(client_of(cast.reader.user), **answers)
    assert response.status_code == 200
    assert not ReaderProfile.objects.exists()


def test_consent_needs_a_name_to_print(cast, client_of):
    user = cast.reader.user
    user.first_name = user.last_name = ""
    user.save()
    shown = save(client_of(user), named="on").content.decode()
    assert "Your account has no full name" in shown
    user.first_name, user.last_name = "Rita", "Reader"
    user.save()
    assert save(client_of(user), named="on").status_code == 302
    assert ReaderProfile.objects.get().named is True


def test_report_gets_the_name_with_consent_only_and_one_query_for_all_readers(cast, client_of):
    cast.assign_cases()
    users = [cast.reader.user, cast.other_reader.user]
    for user, last_name in zip(users, ("Reader", "Other"), strict=True):
        user.first_name, user.last_name = "Rita", last_name
        user.save()
    save(client_of(users[0]), named="on")
    save(client_of(users[1]))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        profiles = summarise_profiles(cast.study)
    assert len(queries) == 1
    assert [profile.name for profile in profiles] == ["", "Rita Reader"]
    assert not any("R0" in str(profile) for profile in profiles)
