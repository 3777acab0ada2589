"""Reference traces of the study's own practice cases, from the text of a traces file."""

from __future__ import annotations

import json

import pytest

from studies.analytics.scale import CELLS
from studies.audit.models import Event
from studies.errors import Conflict, StudyError
from studies.practice.models import PracticeCase
from studies.practice.practice_set import add_case, add_phantoms
from studies.practice.reference_traces import MAX_LENGTH, set_reference_traces
from studies.sessions.measuring.export import traces_json
from studies.sessions.study_lifecycle import lock_study
from tests.make import make_case, make_site
from tests.practice.people import Trainee
from tests.sessions.measuring.test_saving import LINES, TRACE, play, send

pytestmark = pytest.mark.django_db


def entry(case, *, label="", traces=(TRACE,)):
    """A reading of a case, as in the exported file."""
    image = {"width": case.image.width, "height": case.image.height}
    return {"case": label or case.label, "image": image, "traces": list(traces)}


def file_of(*readings):
    return json.dumps({"readings": readings})


@pytest.fixture
def practised(cast):
    """A case of the study with reference grades alone in the practice set."""
    case = make_case(cast.study, cast.site)
    grades = dict.fromkeys(CELLS, 1)
    return add_case(case=case, by=cast.coordinator, grades=grades, source="consensus")


def save(client, cast, practised, content):
    url = f"/studies/{cast.study.slug}/practice/cases/{practised.number}/traces"
    sent = {"traces": content}
    return client.post(url, sent, format="multipart", follow=True).content.decode()


def test_reader_sees_the_traces_as_plaques_after_the_case(cast, client_of, practised):
    coordinator = client_of(cast.coordinator)
    page = save(coordinator, cast, practised, file_of(entry(practised.case)))
    assert "Reference traces of practice case 1 saved." in page
    assert "1 trace\n" in page and "Replace traces" in page
    trainee = Trainee(client_of(cast.reader.user), cast.study.slug)
    feedback = trainee.score(trainee.begin("practice"))
    assert feedback["plaques"] == [{"level": "", "wall": "anterior", "points": TRACE["points"]}]
    event = Event.objects.get(action="practice.traces_set")
    assert (event.subject, event.data) == (practised.case.label, {"traces": 1})


def test_coordinator_removes_the_traces_and_the_grades_remain(cast, client_of, practised):
    coordinator = client_of(cast.coordinator)
    save(coordinator, cast, practised, file_of(entry(practised.case)))
    url = f"/studies/{cast.study.slug}/practice/cases/{practised.number}/traces/remove"
    page = coordinator.post(url, follow=True).content.decode()
    assert "Reference traces of practice case 1 removed." in page
    assert "Add traces" in page and "Remove traces" not in page
    practised.refresh_from_db()
    assert (practised.reference_traces, practised.grades) == (None, dict.fromkeys(CELLS, 1))
    assert Event.objects.get(action="practice.traces_removed").subject == practised.case.label
    again = coordinator.post(url, follow=True).content.decode()
    assert "This practice case has no reference traces." in again


def test_file_that_another_study_exported_is_accepted(client_of):
    cast, room, pk = play("measured", client_of)
    assert send(room, pk, boundaries=LINES).status_code == 200
    room.read()
    exported = "".join(traces_json(cast.study))
    # Its only reading is that of the image, whatever the label there.
    other = make_case(cast.outside_study, make_site(cast.outside_study))
    added = add_case(
        case=other, by=cast.outsider, grades=dict.fromkeys(CELLS, 0), source="consensus"
    )
    set_reference_traces(practice_case=added, by=cast.outsider, text=exported)
    added.refresh_from_db()
    assert added.reference_traces == [TRACE]


def test_reading_of_the_case_is_taken_from_several(cast, practised):
    case = practised.case
    other = entry(case, label="other", traces=())
    set_reference_traces(
        practice_case=practised, by=cast.coordinator, text=file_of(other, entry(case))
    )
    assert practised.reference_traces == [TRACE]


OUTSIDE = {"wall": "anterior", "points": [[60, 25], [60, 4500]]}
NOT_FINITE = {"wall": "anterior", "points": [[60, 25], [60, float("nan")]]}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not valid JSON"),
        ("\x00{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "no readings"),
        ('{"readings": [1]}', "no readings"),
        ('{"readings": []}', "0 readings"),
        ('{"readings": [{"traces": {"wall": 1}}]}', "wall and a list of points"),
        ('{"readings": [{"traces": [{"wall": "left", "points": [[1, 2], [3, 4]]}]}]}', "wall"),
        ('{"readings": [{"traces": [{"wall": "anterior", "points": [[1, 2]]}]}]}', "points"),
        ('{"readings": [{"traces": [{"wall": "anterior", "points": [[1, 2], [3, 1'
         + "0" * 400 + "]]}]}]}", "a list of points"),
        (" " * (MAX_LENGTH + 1), "more than 500,000 characters"),
    ],
)  # fmt: skip
def test_other_files_are_refused_with_the_reason(cast, client_of, practised, content, reason):
    assert reason in save(client_of(cast.coordinator), cast, practised, content)
    practised.refresh_from_db()
    assert practised.reference_traces is None


@pytest.mark.parametrize(
    ("traces", "size", "reason"),
    [
        ((OUTSIDE,), None, "outside the image"),
        ((NOT_FINITE,), None, "a list of points"),
        ((TRACE,), 999, "differs in size"),
        ((TRACE,) * 101, None, "at most 100 traces"),
    ],
)
def test_traces_that_do_not_fit_the_image_are_refused(cast, practised, traces, size, reason):
    reading = entry(practised.case, traces=traces)
    if size:
        reading["image"]["width"] = size
    with pytest.raises(StudyError, match=reason):
        set_reference_traces(practice_case=practised, by=cast.coordinator, text=file_of(reading))


def test_several_readings_of_the_case_are_refused(cast, practised):
    two = file_of(entry(practised.case), entry(practised.case))
    with pytest.raises(StudyError, match="2 readings"):
        set_reference_traces(practice_case=practised, by=cast.coordinator, text=two)


def test_phantoms_and_locked_studies_take_no_traces(cast, practised):
    content = file_of(entry(practised.case))
    (phantom,) = add_phantoms(study=cast.study, by=cast.coordinator, number=1)
    with pytest.raises(Conflict, match="phantom"):
        set_reference_traces(practice_case=phantom, by=cast.coordinator, text=content)
    cast.assign_cases(1)
    lock_study(study=cast.study, by=cast.coordinator)
    with pytest.raises(Conflict, match="locked"):
        set_reference_traces(practice_case=practised, by=cast.coordinator, text=content)
    assert not PracticeCase.objects.filter(reference_traces__isnull=False).exists()
