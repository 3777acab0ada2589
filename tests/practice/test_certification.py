"""Certification: what passes, what the server refuses until then, attempts and waivers."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import InternalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from sklearn.metrics import cohen_kappa_score

from studies.analytics.scale import CELLS
from studies.audit.models import Event
from studies.errors import Conflict, StudyError
from studies.practice.certification import (
    measure_agreement,
    set_certification,
    waive_certification,
)
from studies.practice.models import CertificationWaiver, PracticeRound
from studies.practice.summary import rounds_of
from studies.reports.summaries.training import summarise_training
from studies.sessions.models import Reading
from tests.make import make_reader
from tests.practice.people import Trainee, set_up_practice
from tests.sessions.reading_room import Room

pytestmark = pytest.mark.django_db


@pytest.fixture
def trained(cast, client_of):
    """A study that requires a certification, and Rita."""
    set_up_practice(cast, threshold=0.7, cases=2, attempts=2)
    cast.assign_cases(2)
    return Trainee(client_of(cast.reader.user), cast.study.slug)


def room_of(trainee: Trainee) -> Room:
    return Room(trainee.client, trainee.slug)


def test_study_cases_are_refused_until_the_certification_is_passed(cast, trained):
    room = room_of(trained)
    status = room.status()
    assert (status["current"], status["next"]) == (None, None)
    assert status["waiting"]["code"] == "certification"
    first = Reading.objects.filter(reading_list__reader=cast.reader).in_order().first()
    for path in ("", "/pixels", "/guides"):
        assert trained.client.get(f"/api/v1/readings/{first.pk}{path}").status_code == 404
    assert trained.client.post(f"/api/v1/readings/{first.pk}/open").status_code == 409
    assert room.put(str(first.pk), "L1_anterior", score=1).status_code == 409

    assert "Passed." in trained.finish("certification")["waiting"]["message"]
    assert room.status()["current"]["id"] == str(first.pk)
    assert room.open() == str(first.pk)
    cast.reader.refresh_from_db()
    assert cast.reader.certified_at is not None


def test_failed_attempt_leaves_study_cases_refused_and_uses_an_attempt(cast, trained):
    status = trained.finish("certification", wrong=True)
    assert "Not passed." in status["waiting"]["message"]
    assert room_of(trained).status()["waiting"]["code"] == "certification"
    page = trained.client.get(f"/studies/{cast.study.slug}/practice").content.decode()
    assert "You have 1 of 2 attempts left." in page
    trained.finish("certification", wrong=True)
    refused = trained.start("certification")
    assert refused.status_code == 409
    assert b"used all attempts" in refused.content
    assert PracticeRound.objects.filter(kind="certification", passed=False).count() == 2


def test_started_attempt_is_continued_and_not_counted_twice(trained):
    first = trained.begin("certification")
    trained.score(first)
    assert trained.begin("certification") == first
    assert trained.status(first)["progress"]["read"] == 1


def test_certified_reader_needs_no_further_attempt(trained):
    trained.finish("certification")
    assert trained.start("certification").status_code == 409


def test_reader_without_required_certification_reads_at_once(cast, client_of):
    set_up_practice(cast)
    cast.assign_cases(2)
    assert Room(client_of(cast.reader.user), cast.study.slug).status()["current"] is not None
    assert (
        Trainee(client_of(cast.reader.user), cast.study.slug).start("certification").status_code
        == 409
    )


def test_reader_who_joins_later_needs_the_certification_too(cast, trained, client_of):
    late = make_reader(cast.study, cast.site, "lea")
    status = Room(client_of(late.user), cast.study.slug).status()
    assert status["waiting"]["code"] == "certification"


def test_waiver_lets_the_reader_read_and_keeps_the_reason(cast, trained, client_of):
    client = client_of(cast.coordinator)
    url = f"/studies/{cast.study.slug}/practice/readers/{cast.reader.pk}/waive"
    client.post(url, {"reason": " "}, format="multipart")
    assert not CertificationWaiver.objects.exists()
    client.post(url, {"reason": "Senior author"}, format="multipart")
    assert room_of(trained).status()["current"] is not None
    waiver = CertificationWaiver.objects.get()
    assert (waiver.reader, waiver.by, waiver.reason) == (
        cast.reader,
        cast.coordinator,
        "Senior author",
    )
    assert Event.objects.get(action="certification.waived").data == {"reason": "Senior author"}
    with pytest.raises(Conflict):
        waive_certification(reader=cast.reader, by=cast.coordinator, reason="again")
    with pytest.raises(InternalError), transaction.atomic():
        CertificationWaiver.objects.update(reason="another")


def test_certification_cannot_be_changed_once_the_study_was_opened(cast, trained):
    with pytest.raises(Conflict, match="opened"):
        set_certification(study=cast.study, by=cast.coordinator, required=False)


def test_certification_needs_enough_practice_cases(cast):
    set_up_practice(cast, phantoms=1)
    with pytest.raises(Conflict, match="the practice set contains only 1"):
        set_certification(study=cast.study, by=cast.coordinator, required=True, cases=2)


def test_exact_agreement_can_be_the_measure(cast, client_of):
    set_up_practice(cast, measure="exact", threshold=0.9, cases=2)
    cast.assign_cases(2)
    trainee = Trainee(client_of(cast.reader.user), cast.study.slug)
    message = trainee.finish("certification")["waiting"]["message"]
    assert message.startswith("Passed. You can now read the study cases.")
    assert message.endswith("Required: exact agreement of at least 0.90.")


def test_result_is_the_weighted_kappa_of_scikit_learn_over_all_cells():
    grades = {cell: (2 * number) % 4 for number, cell in enumerate(CELLS)}
    others = {cell: (3 * number) % 4 for number, cell in enumerate(CELLS)}
    scores = {cell: min(3, number % 3 + 1) for number, cell in enumerate(CELLS)}
    result = measure_agreement([(grades, scores), (others, scores)])
    reference = [*grades.values(), *others.values()]
    scored = [*scores.values()] * 2
    expected = cohen_kappa_score(reference, scored, labels=[0, 1, 2, 3], weights="linear")
    assert result.kappa == pytest.approx(expected)
    same = sum(a == b for a, b in zip(reference, scored, strict=True))
    assert result.exact == same / 16


def test_cells_that_are_not_readable_cannot_improve_the_result():
    grades = dict.fromkeys(CELLS, 0) | {"L4_posterior": 3, "L3_posterior": 2}
    slipped = {**grades, "L4_posterior": 2}
    skipped = {**grades, "L4_posterior": None}
    with_slip, with_gap = (measure_agreement([(grades, scores)]) for scores in (slipped, skipped))
    assert with_gap.kappa < with_slip.kappa
    assert with_gap.exact == with_slip.exact == 7 / 8


def test_undefined_kappa_does_not_pass(cast, client_of, monkeypatch):
    set_up_practice(cast, cases=2)
    cast.study.practice_cases.update(grades=dict.fromkeys(CELLS, 0))
    cast.assign_cases(2)
    trainee = Trainee(client_of(cast.reader.user), cast.study.slug)
    assert "kappa undefined" in trainee.finish("certification")["waiting"]["message"]
    assert PracticeRound.objects.get().passed is False


def test_reason_of_a_waiver_is_required(cast, trained):
    with pytest.raises(StudyError):
        waive_certification(reader=cast.reader, by=cast.coordinator, reason="")


def test_progress_page_lists_attempts_of_the_coordinators_readers(cast, trained, client_of):
    trained.finish("certification", wrong=True)
    url = f"/studies/{cast.study.slug}/progress"
    page = client_of(cast.coordinator).get(url).content.decode()
    assert "1 of 2:" in page
    assert "not passed" in page
    mine = client_of(cast.site_coordinator).get(url).content.decode()
    training = mine.partition('id="training"')[2]
    assert "R01" in training
    assert "R02" not in training


def test_training_csv_has_one_row_per_round(cast, trained, client_of):
    trained.finish("practice")
    trained.finish("certification", wrong=True)
    waive_certification(reader=cast.other_reader, by=cast.coordinator, reason="=cmd()")
    answer = client_of(cast.statistician).get(f"/studies/{cast.study.slug}/downloads/training.csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    rows = [line.split(",") for line in lines]
    assert [(row[0], row[1], row[2], row[13]) for row in rows[1:]] == [
        ("R01", "practice", "1", ""),
        ("R01", "certification", "1", "false"),
        ("R02", "", "", ""),
    ]
    assert rows[1][6:8] == ["3", "3"]
    assert "'=cmd()" in lines[3]


def test_report_summary_has_attempts_and_waivers_but_only_where_there_is_training(cast, trained):
    assert summarise_training(cast.outside_study) is None
    trained.finish("certification", wrong=True)
    trained.finish("certification")
    waive_certification(reader=cast.other_reader, by=cast.coordinator, reason="Expert")
    training = summarise_training(cast.study)
    first, second = training.readers
    assert [(attempt.agreement, attempt.passed) for attempt in first.attempts][1] == (1.0, True)
    assert [attempt.passed for attempt in first.attempts] == [False, True]
    assert first.certified_at is not None
    assert (second.attempts, second.waiver) == ((), "Expert")
    assert second.waived_at is not None


def test_attempts_take_unseen_cases_first_and_count_those_that_were_seen(cast, client_of):
    set_up_practice(cast, phantoms=4, cases=2, attempts=3)
    trainee = Trainee(client_of(cast.reader.user), cast.study.slug)
    for _ in range(3):
        trainee.finish("certification", wrong=True)
    attempts = summarise_training(cast.study).readers[0].attempts
    assert [(attempt.cases, attempt.seen_before) for attempt in attempts] == [
        (2, 0),
        (2, 0),
        (2, 2),
    ]
    page = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/progress").content.decode()
    assert page.count("(2 of 2 cases seen before)") == 1
    answer = client_of(cast.statistician).get(f"/studies/{cast.study.slug}/downloads/training.csv")
    rows = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()))
    assert [row["seen_before"] for row in rows if row["reader"] == "R01"] == ["0", "0", "2"]


def test_cases_practised_before_an_attempt_count_as_seen(cast, client_of):
    set_up_practice(cast, phantoms=3, cases=2, attempts=1)
    trainee = Trainee(client_of(cast.reader.user), cast.study.slug)
    trainee.finish("practice")
    trainee.finish("certification")
    practised, attempt = rounds_of(cast.reader)
    assert (practised.seen_before, attempt.seen_before) == (0, 2)


@pytest.mark.parametrize(("attempts", "warned"), [(2, False), (3, True)])
def test_setup_page_warns_of_a_set_that_is_too_small_for_all_attempts(
    cast, client_of, attempts, warned
):
    set_up_practice(cast, phantoms=4, cases=2, attempts=attempts)
    page = client_of(cast.coordinator).get(f"/studies/{cast.study.slug}/practice/setup")
    text = page.content.decode()
    assert ("3 attempts of 2 cases need more cases" in text) is warned
    assert ("Add 2 cases, or allow fewer attempts." in text) is warned


def test_report_summary_has_an_attempt_that_was_not_finished(cast, trained):
    trained.start("certification")
    (attempt,) = summarise_training(cast.study).readers[0].attempts
    assert (attempt.passed, attempt.finished_at) == (None, None)


@pytest.mark.slow
def test_progress_page_takes_as_many_queries_for_many_attempts_as_for_few(
    cast, trained, client_of, django_assert_num_queries
):
    client, url = client_of(cast.coordinator), f"/studies/{cast.study.slug}/progress"
    trained.finish("practice")
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
        few = len(captured)
    for _ in range(3):
        trained.finish("practice", wrong=True)
    trained.finish("certification", wrong=True)
    with django_assert_num_queries(few):
        client.get(url)
