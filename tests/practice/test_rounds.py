"""Practice rounds through the API: cases, scores, feedback, and what is not shown before."""

from __future__ import annotations

import gzip
from uuid import uuid4

import pytest

from studies.analytics.scale import CELLS
from studies.cases.review import exclude_case
from studies.practice.models import PracticeReading, PracticeRound
from studies.practice.practice_set import add_case
from studies.protocol.design import change_study
from studies.sessions.models import Reading
from studies.sessions.study_lifecycle import lock_study
from tests.make import make_case
from tests.practice.people import Trainee, set_up_practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainee(cast, client_of):
    set_up_practice(cast, phantoms=3)
    return Trainee(client_of(cast.reader.user), cast.study.slug)


def add_own_case(cast):
    """Move a case of the study to the practice set and return it."""
    case = make_case(cast.study, cast.site)
    grades = dict.fromkeys(CELLS, 1)
    return add_case(case=case, by=cast.coordinator, grades=grades, source="consensus").case


def test_round_shows_a_phantom_in_the_form_of_a_study_reading(cast, trainee, client_of):
    cast.assign_cases(1)
    of_study = client_of(cast.reader.user).get(f"/api/v1/studies/{cast.study.slug}/reading").json()
    status = trainee.status(trainee.begin("practice"))
    assert set(of_study) <= set(status)
    assert set(of_study["current"]) == set(status["current"])
    assert set(of_study["current"]["image"]) == set(status["current"]["image"])
    assert status["progress"] == {
        "read": 0,
        "total": 3,
        "period": None,
        "periods": 1,
        "minutes_left": None,
    }


def test_pixels_have_the_size_of_the_image(trainee):
    current = trainee.status(trainee.begin("practice"))["current"]
    answer = trainee.client.get(f"/api/v1/practice/readings/{current['id']}/pixels")
    image = current["image"]
    packed = gzip.decompress(answer.content)
    assert len(packed) == image["width"] * image["height"] * image["bits"] // 8


def test_nothing_shows_the_reference_before_the_submission(trainee):
    practice_round = trainee.begin("practice")
    pk = trainee.open(practice_round)
    shown = str(trainee.client.get(f"/api/v1/practice/readings/{pk}").json())
    shown += str(trainee.status(practice_round))
    for secret in ("reference", "plaque", "seed", "aac24", "grades"):
        assert secret not in shown
    assert trainee.client.get(f"/api/v1/practice/readings/{pk}/feedback").status_code == 404


def test_feedback_compares_every_cell_and_draws_the_plaques(trainee):
    practice_round = trainee.begin("practice")
    pk = trainee.open(practice_round)
    practice_case = PracticeReading.objects.get(pk=pk).practice_case
    for cell in CELLS:
        values = {"validity": 3} if cell == "L1_anterior" else {"score": 1}
        assert trainee.put(pk, cell, **values).status_code == 200
    feedback = trainee.submit(pk).json()
    assert [row["cell"] for row in feedback["cells"]] == list(CELLS)
    assert {row["cell"]: row["reference"] for row in feedback["cells"]} == practice_case.grades
    scored = {row["cell"]: (row["score"], row["validity"]) for row in feedback["cells"]}
    assert scored["L1_anterior"] == (None, 3)
    assert scored["L2_anterior"] == (1, 0)
    calcified = {cell for cell, grade in practice_case.grades.items() if grade}
    assert {f"{p['level']}_{p['wall']}" for p in feedback["plaques"]} == calcified
    again = trainee.client.get(f"/api/v1/practice/readings/{pk}/feedback")
    assert again.json() == feedback
    assert trainee.submit(pk).json() == feedback


def test_only_the_current_and_the_next_case_can_be_fetched(trainee):
    practice_round = trainee.begin("practice")
    readings = list(PracticeReading.objects.order_by("position"))
    codes = [
        trainee.client.get(f"/api/v1/practice/readings/{reading.pk}/pixels").status_code
        for reading in readings
    ]
    assert codes == [200, 200, 404]
    assert trainee.status(practice_round)["next"] == {"id": str(readings[1].pk)}
    opened = trainee.client.post(f"/api/v1/practice/readings/{readings[1].pk}/open")
    assert opened.status_code == 409


def test_repeated_score_has_a_single_effect_and_an_old_version_gets_the_stored_cell(trainee):
    pk = trainee.open(trainee.begin("practice"))
    first = trainee.put(pk, "L1_anterior", score=2)
    assert first.json()["cell"] == {"score": 2, "validity": 0, "reason": "", "version": 1}
    assert trainee.put(pk, "L1_anterior", score=2).json() == first.json()
    stale = trainee.put(pk, "L1_anterior", score=3)
    assert stale.status_code == 409
    assert stale.json()["cell"]["score"] == 2


def test_incomplete_or_submitted_case_cannot_be_changed(trainee):
    practice_round = trainee.begin("practice")
    pk = trainee.status(practice_round)["current"]["id"]
    assert trainee.put(pk, "L1_anterior", score=1).json()["error"]["code"] == "not_open"
    pk = trainee.open(practice_round)
    trainee.put(pk, "L1_anterior", score=1)
    assert trainee.submit(pk).json()["error"]["code"] == "incomplete"
    for cell in CELLS[:1] + CELLS[2:]:
        assert trainee.put(pk, cell, score=0).status_code == 200
    for cell in CELLS:
        trainee.put(pk, cell, score=0)
    assert trainee.submit(pk).status_code == 200
    late = trainee.put(pk, "L1_anterior", score=3, version=1)
    assert late.json()["error"]["code"] == "submitted"


@pytest.mark.parametrize("values", [{"score": 4}, {"validity": 2}, {"score": 1, "validity": 3}])
def test_score_outside_the_scale_is_rejected(trainee, values):
    pk = trainee.open(trainee.begin("practice"))
    assert trainee.put(pk, "L1_anterior", **values).status_code == 400


def test_finished_round_states_its_agreement_and_practice_may_be_repeated(trainee):
    status = trainee.finish("practice")
    assert status["waiting"]["code"] == "round_finished"
    assert "linearly weighted kappa 1.00, exact agreement in 100 %" in status["waiting"]["message"]
    trainee.finish("practice", wrong=True)
    rounds = PracticeRound.objects.order_by("number")
    assert [(r.number, r.exact) for r in rounds] == [(1, 1.0), (2, 0.0)]
    assert all(r.passed is None for r in rounds)


def test_negative_kappa_has_a_minus_sign_on_the_pages_of_reader_and_coordinator(
    cast, client_of, trainee
):
    set_up_practice(cast, phantoms=1, cases=2)
    trainee.finish("certification", wrong=True)
    PracticeRound.objects.update(kappa=-0.25)
    overview = trainee.client.get(f"/studies/{cast.study.slug}/practice").content.decode()
    setup = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/practice/setup")
    for page in (overview, setup.content.decode()):
        assert "\N{MINUS SIGN}0.25" in page
        assert "-0.25" not in page


def test_cases_scored_least_often_come_first(cast, client_of):
    set_up_practice(cast, phantoms=4, cases=2, attempts=3, threshold=1.0)
    trainee = Trainee(client_of(cast.reader.user), cast.study.slug)
    trainee.finish("certification", wrong=True)
    trainee.finish("certification", wrong=True)
    scored = PracticeReading.objects.values_list("practice_case", flat=True)
    assert len(set(scored)) == 4


def test_practice_leaves_no_trace_in_the_study(cast, trainee):
    cast.assign_cases(1)
    before = list(Reading.objects.values().order_by("pk"))
    trainee.finish("practice")
    assert list(Reading.objects.values().order_by("pk")) == before


def test_guides_are_shown_in_the_arm_of_the_first_period_alone(cast, trainee, client_of):
    cast.assign_cases(1)
    for reader in (cast.reader, cast.other_reader):
        arm = reader.reading_lists.get(period=1).arm
        one = Trainee(client_of(reader.user), cast.study.slug)
        current = one.status(one.begin("practice"))["current"]
        guides = one.client.get(f"/api/v1/practice/readings/{current['id']}/guides")
        assert current["arm"] == arm
        assert current["guides_allowed"] == (arm == "guided")
        assert guides.status_code == (200 if arm == "guided" else 404)
        if arm == "guided":
            assert len(guides.json()["guides"]) == 13


@pytest.mark.parametrize(
    ("arms", "status"), [(["guided measured"], 200), (["measured"], 404), (["unguided"], 404)]
)
def test_guides_follow_the_arm_also_where_plaques_are_measured(cast, client_of, arms, status):
    change_study(study=cast.study, actor=cast.coordinator, arms=arms)
    set_up_practice(cast, phantoms=1)
    trainee = Trainee(client_of(cast.reader.user), cast.study.slug)
    current = trainee.status(trainee.begin("practice"))["current"]
    guides = trainee.client.get(f"/api/v1/practice/readings/{current['id']}/guides")
    assert (current["arm"], current["guides_allowed"]) == (arms[0], status == 200)
    assert (current["measurement"] is not None) == ("measured" in arms[0])
    assert guides.status_code == status


def test_excluded_case_leaves_an_unfinished_round(cast, trainee):
    case = add_own_case(cast)
    practice_round = trainee.begin("practice")
    pk = str(PracticeReading.objects.get(practice_case__case=case).pk)
    while trainee.status(practice_round)["current"]["id"] != pk:
        trainee.score(practice_round)
    trainee.open(practice_round)
    exclude_case(case=case, actor=cast.coordinator, reason="consent withdrawn")
    assert trainee.put(pk, "L1_anterior", score=1).json()["error"]["code"] == "case_excluded"
    for path in ("", "/pixels", "/guides"):
        answer = trainee.client.get(f"/api/v1/practice/readings/{pk}{path}")
        assert answer.status_code == 404
    while trainee.status(practice_round)["current"] is not None:
        trainee.score(practice_round)
    assert trainee.status(practice_round)["progress"]["total"] == 3
    # A round whose last case was excluded is settled when the reader continues it.
    trainee.start("practice")
    assert PracticeRound.objects.get(pk=practice_round).exact == 1.0


def test_round_without_a_case_left_is_settled_when_it_is_continued(cast, client_of):
    case = add_own_case(cast)
    trainee = Trainee(client_of(cast.reader.user), cast.study.slug)
    empty = trainee.begin("practice")
    exclude_case(case=case, actor=cast.coordinator, reason="consent withdrawn")
    assert "were excluded" in trainee.status(empty)["waiting"]["message"]
    assert trainee.start("practice").status_code == 409
    set_up_practice(cast, phantoms=1)
    following = trainee.begin("practice")
    # A round in which nothing was scored is discarded, so that no attempt is lost.
    assert [str(row.pk) for row in PracticeRound.objects.all()] == [following]
    assert trainee.status(following)["progress"]["total"] == 1


def test_other_persons_practice_cannot_be_reached(cast, trainee, client_of):
    practice_round = trainee.begin("practice")
    pk = trainee.status(practice_round)["current"]["id"]
    for person in (cast.other_reader.user, cast.coordinator, cast.outsider):
        client = client_of(person)
        slug = cast.study.slug
        assert client.get(f"/api/v1/practice/rounds/{practice_round}").status_code == 404
        assert client.get(f"/studies/{slug}/practice/rounds/{practice_round}").status_code == 404
        for path in ("", "/pixels", "/feedback"):
            url = f"/api/v1/practice/readings/{pk}{path}"
            assert client.get(url).status_code == 404
        invalid = client.put(f"/api/v1/practice/readings/{pk}/cells/L1_anterior", {"score": 9})
        assert invalid.status_code == 404


def test_locked_study_ends_practice(cast, trainee):
    cast.assign_cases(1)
    practice_round = trainee.begin("practice")
    pk = trainee.open(practice_round)
    lock_study(study=cast.study, by=cast.coordinator)
    assert trainee.put(pk, "L1_anterior", score=1).json()["error"]["code"] == "study_locked"
    assert trainee.start("practice").status_code == 409


def test_empty_practice_set_cannot_be_practised(cast, client_of):
    trainee = Trainee(client_of(cast.reader.user), cast.study.slug)
    assert trainee.start("practice").status_code == 409
    assert trainee.start("tournament").status_code == 404
    assert trainee.client.get(f"/api/v1/practice/rounds/{uuid4()}").status_code == 404
