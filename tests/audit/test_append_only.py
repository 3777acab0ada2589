from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from studies.audit.models import Event
from studies.audit.record import record
from studies.sessions.models import Change, Reading

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "query", ["UPDATE audit_event SET action = 'x'", "DELETE FROM audit_event"]
)
def test_the_database_itself_refuses_to_change_an_event(query):
    record("something.happened")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(query)
    assert Event.objects.get().action == "something.happened"


@pytest.mark.parametrize(
    "query",
    ["UPDATE reading_sessions_change SET kind = 'x'", "DELETE FROM reading_sessions_change"],
)
def test_the_database_itself_refuses_to_change_the_history_of_scores(query, cast):
    cast.assign_cases()
    Change.objects.create(reading=Reading.objects.first(), change_id=uuid4(), kind="L1_anterior")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(query)
    assert Change.objects.get().kind == "L1_anterior"


def test_landmarks_are_never_changed_in_place(cast):
    case = cast.assign_cases()[0]
    case.landmark_set.anterior = "left"
    with pytest.raises(DatabaseError), transaction.atomic():
        case.landmark_set.save()
