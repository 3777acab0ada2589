"""A queryset whose SQL is compiled once."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from studies.compiled_query import CompiledQuery
from studies.readers.models import User
from studies.sessions.models import Reading
from tests.make import make_user

pytestmark = pytest.mark.django_db


def test_query_is_built_once_and_finds_each_call_its_own_row():
    built = []

    def by_name(name: str):
        built.append(name)
        return User.objects.filter(username=name, is_active=True).values_list("pk", "username")

    query = CompiledQuery(by_name, name=str)
    users = [make_user("ada"), make_user("grace")]
    assert [query.first(name=user.username) for user in users] == [
        (user.pk, user.username) for user in users
    ]
    assert query.first(name="unknown") is None
    assert len(built) == 1


def test_value_is_never_part_of_the_sql():
    query = CompiledQuery(
        lambda name: User.objects.filter(username=name).values_list("pk"), name=str
    )
    make_user("ada")
    assert query.first(name="' OR 1=1 --") is None


def test_number_and_uuid_are_parameters_too(cast):
    cast.assign_cases(1)
    reading = Reading.objects.filter(reading_list__reader=cast.reader).first()
    query = CompiledQuery(
        lambda user, pk: Reading.objects.of_reader(user).filter(pk=pk).values_list("pk"),
        user=int,
        pk=UUID,
    )
    assert query.first(user=cast.reader.user_id, pk=reading.pk) == (reading.pk,)
    assert query.first(user=cast.other_reader.user_id, pk=reading.pk) is None
    assert query.first(user=cast.reader.user_id, pk=uuid4()) is None


def test_parameter_that_the_query_does_not_use_is_an_error():
    query = CompiledQuery(lambda name: User.objects.values_list("pk"), name=str)
    with pytest.raises(TypeError, match="does not use name"):
        query.first(name="ada")
