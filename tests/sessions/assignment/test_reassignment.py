"""Another reader takes over the cases that a deactivated reader has not finished."""

from __future__ import annotations

import pytest
from django.urls import reverse

from studies.audit.models import Event
from studies.errors import Conflict
from studies.readers.members import set_active
from studies.sessions.assignment.reassignment import readers_with_unread, reassign_cases
from studies.sessions.models import Reading, ReadingList
from studies.sessions.study_lifecycle import lock_study
from tests.make import Cast, make_reader
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db


def drop_out(client_of, *, read: int = 1, **design) -> Cast:
    """A reader drops out after some readings; another reader has joined since."""
    cast = Cast(**design)
    cast.assign_cases(3)
    room = Room(client_of(cast.reader.user), cast.study.slug)
    for _ in range(read):
        room.read()
    set_active(membership=cast.reader, active=False, by=cast.coordinator)
    make_reader(cast.study, cast.site, "rosa")
    return cast


def readings_of(label: str):
    return Reading.objects.filter(reading_list__reader__label=label)


def reassign(cast: Cast, reader: str = "R01", to: str = "R03"):
    return reassign_cases(study=cast.study, reader=reader, to=to, by=cast.coordinator)


def test_new_reader_takes_over_the_unfinished_cases_in_every_arm(client_of):
    cast = drop_out(client_of)
    assert [(r.label, cases) for r, cases in readers_with_unread(cast.study)] == [("R01", 3)]
    landmarks = dict(readings_of("R02").values_list("case", "landmark_set"))
    reassigned = reassign(cast)
    # The case that was read in period 1 only is unfinished, too.
    assert (reassigned.cases, reassigned.readings) == (3, 6)
    assert list(readings_of("R01").values_list("state", flat=True)) == ["submitted"]
    assert dict(readings_of("R03").values_list("case", "landmark_set")) == landmarks
    assert set(readings_of("R03").values_list("batch", flat=True)) == {2}
    sequences = [
        list(ReadingList.objects.filter(reader__label=label).values_list("arm", flat=True))
        for label in ("R01", "R03")
    ]
    assert sequences[0] == sequences[1]
    event = Event.objects.get(action="cases.reassigned")
    assert (event.subject, event.data["to"], event.data["removed"]) == ("R01", "R03", 5)
    assert readers_with_unread(cast.study) == []
    room = Room(client_of(cast.study.memberships.get(label="R03").user), cast.study.slug)
    room.read()


def test_cases_that_the_other_reader_has_already_are_left_out(client_of):
    cast = drop_out(client_of)
    with pytest.raises(Conflict, match="R01 has no unread cases that R02 does not already have"):
        reassign(cast, to="R02")
    assert readings_of("R01").count() == 6


def test_reader_of_a_parallel_group_is_replaced_within_the_group(client_of):
    cast = drop_out(client_of, arms=["guided", "unguided"], design="parallel", readers_per_case=1)
    with pytest.raises(Conflict, match="R02 reads in a different group from R01"):
        reassign(cast, to="R02")
    assert reassign(cast).readings == 2
    arms = ReadingList.objects.filter(reader__label__in=["R01", "R03"]).values_list("arm")
    assert len(set(arms)) == 1


@pytest.mark.parametrize(("reader", "to"), [("R02", "R03"), ("R01", "R01"), ("R01", "CO01")])
def test_only_a_deactivated_reader_is_replaced_and_only_by_an_active_one(client_of, reader, to):
    cast = drop_out(client_of)
    with pytest.raises(Conflict, match="reader of this study"):
        reassign(cast, reader, to)


def test_locked_study_is_not_reassigned(client_of):
    cast = drop_out(client_of)
    lock_study(study=cast.study, by=cast.coordinator)
    with pytest.raises(Conflict, match="The study is locked"):
        reassign(cast)


def test_page_and_api_reassign(client_of):
    cast = drop_out(client_of)
    client = client_of(cast.coordinator)
    page = reverse("assignment", args=[cast.study.slug])
    assert "R01, 3 cases: reassign to" in client.get(page).content.decode()
    answer = client.post(
        f"/api/v1/studies/{cast.study.slug}/reassign", {"reader": "R01", "to": "R03"}
    )
    assert answer.json() == {"cases": 3, "readings": 6, "to": "R03"}
    assert "reassign to" not in client.get(page).content.decode()
    answer = client.post(
        reverse("reassign", args=[cast.study.slug]),
        {"reader": "R01", "to": "R03"},
        format="multipart",
    )
    assert answer.status_code == 409


def test_cases_are_divided_among_all_remaining_readers(client_of):
    cast = drop_out(client_of, read=0)
    make_reader(cast.study, cast.site, "sam")
    reassigned = reassign(cast, to="all")
    # R02 reads these cases already.
    assert (reassigned.cases, reassigned.readings, reassigned.to) == (3, 6, "R03, R04")
    counts = [readings_of(label).values("case").distinct().count() for label in ("R03", "R04")]
    assert sorted(counts) == [1, 2]
    cases = [set(readings_of(label).values_list("case", flat=True)) for label in ("R03", "R04")]
    assert not cases[0] & cases[1]
    assert not readings_of("R01").exists()
    assert Event.objects.get(action="cases.reassigned").data["to"] == "R03, R04"


def test_divided_cases_are_balanced_within_strata(client_of):
    cast = Cast(stratified=True)
    cast.assign_cases(12)
    cases = list(cast.study.cases.order_by("label"))
    for case in cases[:7]:
        case.scanner = "Hologic"
        case.save(update_fields=["scanner"])
    set_active(membership=cast.reader, active=False, by=cast.coordinator)
    for name in ("rosa", "sam"):
        make_reader(cast.study, cast.site, name)
    reassign(cast, to="all")
    for scanner, numbers in (("Hologic", {3, 4}), (cases[-1].scanner, {2, 3})):
        counts = {
            readings_of(label).filter(case__scanner=scanner).values("case").distinct().count()
            for label in ("R03", "R04")
        }
        assert counts == numbers
    totals = [readings_of(label).values("case").distinct().count() for label in ("R03", "R04")]
    assert sorted(totals) == [6, 6]


def test_cases_are_divided_within_the_group_of_parallel_readers(client_of):
    cast = Cast(design="parallel", readers_per_case=1)
    cast.assign_cases(4)
    set_active(membership=cast.reader, active=False, by=cast.coordinator)
    make_reader(cast.study, cast.site, "rosa")
    arms = set(readings_of("R01").values_list("reading_list__arm", flat=True))
    reassigned = reassign(cast, to="all")
    assert (reassigned.cases, reassigned.to) == (4, "R03")
    assert set(readings_of("R03").values_list("reading_list__arm", flat=True)) == arms


def test_readers_who_have_all_cases_cannot_take_them_over(client_of):
    cast = Cast()
    cast.assign_cases(3)
    set_active(membership=cast.reader, active=False, by=cast.coordinator)
    with pytest.raises(
        Conflict,
        match="that R02 does not already have",
    ):
        reassign(cast, to="all")
    assert readings_of("R01").count() == 6


def test_page_divides_cases_among_all_readers(client_of):
    cast = drop_out(client_of)
    client = client_of(cast.coordinator)
    page = client.post(
        reverse("reassign", args=[cast.study.slug]), {"reader": "R01", "to": "all"}, "multipart"
    )
    assert page.status_code == 302
    text = client.get(reverse("assignment", args=[cast.study.slug])).content.decode()
    assert "3 cases of R01 reassigned to R03." in text
