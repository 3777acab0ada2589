"""Nothing that landmarks determine reaches an unguided reading: arms differ by guides alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from studies.analytics.scale import CELLS
from studies.cases.models import LandmarkSet
from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import assign_cases, open_study
from tests.make import Cast, make_case, make_user
from tests.sessions.reading_room import Room, change

pytestmark = pytest.mark.django_db

# The name states the period.
DIFFERENT_IN_ARMS = {"id", "name", "arm", "period", "guides_allowed"}


def numbers_in(value: Any) -> Iterator[float]:
    """Yield every number in a JSON value, also those in texts that are numbers."""
    if isinstance(value, dict):
        for entry in value.values():
            yield from numbers_in(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from numbers_in(entry)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def displaced(value: Any, rng: random.Random) -> Any:
    """Return a JSON value with every number replaced by one that occurs nowhere else."""
    if isinstance(value, dict):
        return {name: displaced(entry, rng) for name, entry in value.items()}
    if isinstance(value, list):
        return [displaced(entry, rng) for entry in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 7000 + round(rng.random() * 1000, 6)
    return value


@pytest.fixture
def cast(db: None) -> Cast:
    """A study of one case, whose landmarks, guides and measurements are unmistakable numbers."""
    cast = Cast(washout_days=0)
    case = make_case(cast.study, cast.site)
    rng = random.Random(5)
    plain = case.landmark_set
    case.landmark_set = LandmarkSet.objects.create(
        case=case,
        version=2,
        source=LandmarkSet.Source.MODEL,
        model_name="test-model",
        model_checksum=plain.model_checksum,
        anterior="right",
        landmarks=displaced(plain.landmarks, rng),
        guides=displaced(plain.guides, rng),
        crop={**plain.crop, "evidence": {"front": [[7998.5, 7997.5]]}},
        morphometry={"lordosis_deg": 7999.5},
    )
    case.save()
    assign_cases(study=cast.study, by=cast.coordinator)
    cast.study = open_study(study=cast.study, by=cast.coordinator)
    assert all(
        reading.landmark_set == case.landmark_set
        for reading in Reading.objects.select_related("landmark_set")
    )
    return cast


def first_reading(cast: Cast, arm: str) -> tuple[Any, Reading]:
    """Return a reader who starts with this arm, and the first reading."""
    for member in (cast.reader, cast.other_reader):
        reading = Reading.objects.filter(reading_list__reader=member).in_order().first()
        assert reading is not None
        if reading.arm == arm:
            return member.user, reading
    raise AssertionError(f"no reader starts with the {arm} arm")


def walk(client: Any, slug: str) -> Iterator[Any]:
    """Read one case with every request that the reading room sends; yield the answers."""
    room = Room(client, slug)
    yield room.status()
    pk = room.status()["current"]["id"]
    url = f"/api/v1/readings/{pk}"
    yield client.get(url).json()
    yield client.post(f"{url}/open").json()
    for cell in CELLS:
        yield room.put(pk, cell, score=1).json()
    yield client.put(f"{url}/comment", change(text="seen")).json()
    times = {"change_id": str(uuid4()), "active_ms": 5, "idle_ms": 0}
    yield client.post(f"{url}/time", times).json()
    yield room.submit(pk).json()


def test_unguided_reading_contains_no_position_that_depends_on_landmarks(cast, client_of):
    user, _ = first_reading(cast, "unguided")
    answers = list(walk(client_of(user), cast.study.slug))
    # The last answer already names the next reading, of the guided arm, without its guides.
    assert len(answers) == 14
    leaked = [number for number in numbers_in(answers) if 7000 <= number < 8000]
    assert leaked == []


def test_guided_reading_contains_the_positions_with_its_guides_only(cast, client_of):
    user, reading = first_reading(cast, "guided")
    client = client_of(user)
    guides = client.get(f"/api/v1/readings/{reading.pk}/guides").json()
    assert [number for number in numbers_in(guides) if 7000 <= number < 8000]
    answers = list(walk(client, cast.study.slug))
    assert not [number for number in numbers_in(answers) if 7000 <= number < 8000]


def test_readings_of_a_case_are_equal_in_both_arms_except_for_the_arm(cast, client_of):
    user, _ = first_reading(cast, "unguided")
    room = Room(client_of(user), cast.study.slug)
    unguided = room.status()["current"]
    room.read()
    guided = room.status()["current"]
    assert (unguided["arm"], guided["arm"]) == ("unguided", "guided")
    assert unguided.keys() == guided.keys()
    differing = {name for name in unguided if unguided[name] != guided[name]}
    assert differing == DIFFERENT_IN_ARMS


def test_guides_of_an_unguided_reading_reach_nobody(cast, client_of):
    _, reading = first_reading(cast, "unguided")
    admin = make_user("ada", is_staff=True, is_superuser=True)
    people = [
        cast.reader.user, cast.other_reader.user, cast.coordinator, cast.site_coordinator,
        cast.statistician, cast.outsider, admin,
    ]  # fmt: skip
    answers = [
        client_of(person).get(f"/api/v1/readings/{reading.pk}/guides").status_code
        for person in people
    ]
    assert answers == [404] * len(people)
