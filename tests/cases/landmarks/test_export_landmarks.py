"""Corrected landmarks as files: what stands in them, and that evaluation reads them."""

from __future__ import annotations

import csv
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from inference.__main__ import main
from inference.evaluation.samples import read_samples
from inference.results import Landmarks, Vertebra
from studies.audit.models import Event
from studies.cases.landmarks.corrections import move_corners, restore_landmark_set
from studies.readers.models import Membership
from tests.make import CHECKSUM, landmarks_at, make_case

pytestmark = pytest.mark.django_db
MOVED = Landmarks.from_dict(landmarks_at()).moved(Vertebra.L1, "superior_anterior", (38.25, 22.0))


@pytest.fixture
def cases(cast):
    """One that a person corrected, one that the network alone marked, one with uncertain levels."""
    uncertainty = {"reason": "gap", "detail": "a gap"}
    cases = [make_case(cast.study, cast.site) for _ in range(2)]
    cases.append(make_case(cast.study, cast.site, uncertainty=uncertainty))
    move_corners(case=cases[0], landmarks=MOVED, based_on=1, actor=cast.coordinator)
    return cases


def run(cast, folder, *arguments):
    out = StringIO()
    call_command(
        "export_landmarks", "--study", cast.study.slug, "--out", str(folder), *arguments, stdout=out
    )
    return out.getvalue()


def test_evaluation_reads_what_was_written_image_by_image(cast, cases, tmp_path, capsys):
    output = run(cast, tmp_path / "out")
    assert "2 cases exported" in output and "1 with uncertain level labelling" in output
    samples = read_samples([tmp_path / "out"])
    assert len(samples) == 2
    image, truth = samples[0].open()
    assert (image.width, image.height, image.spacing_mm) == (80, 128, (2.5, 2.5))
    assert truth.landmarks == Landmarks.from_dict(cases[0].landmark_sets.last().landmarks)
    assert (truth.anterior, truth.family) == ("right", "GE Lunar iDXA")
    assert main(["evaluate", "--truth", str(tmp_path / "out"), "--rules-only"]) == 0
    assert "2 images" in capsys.readouterr().out


def test_each_set_names_its_origin_in_the_document_and_beside_it(cast, cases, tmp_path):
    run(cast, tmp_path / "out")
    document = json.loads((tmp_path / "out" / "landmarks.json").read_text())
    corrected, located = (image["origin"] for image in document["images"])
    assert (corrected["source"], corrected["by"], corrected["version"]) == ("moved", "CO01", 2)
    assert (located["source"], located["by"], located["version"]) == ("model", None, 1)
    assert (corrected["role"], located["role"]) == ("coordinator", None)
    assert (located["model"], located["checksum"]) == ("test-model", CHECKSUM)
    rows = list(csv.DictReader((tmp_path / "out" / "origins.csv").read_text().splitlines()))
    assert [row["file"] for row in rows] == [f"{case.label}.dcm" for case in cases[:2]]
    assert [row["by"] for row in rows] == ["CO01", ""]
    assert [row["subject"] for row in rows] == [
        f"{cast.study.slug}/{case.patient.label}" for case in cases[:2]
    ]
    assert rows[0]["at"] == corrected["at"]


def test_origins_list_warnings_and_the_probability_of_the_labels(cast, cases, tmp_path):
    removed = {**MOVED.bodies}
    del removed[Vertebra.L5]
    move_corners(case=cases[1], landmarks=Landmarks(removed), based_on=1, actor=cast.coordinator)
    run(cast, tmp_path / "out")
    rows = list(csv.DictReader((tmp_path / "out" / "origins.csv").read_text().splitlines()))
    assert "l5_not_visible" in rows[1]["warnings"].split()
    assert "l5_not_visible" not in rows[0]["warnings"].split()
    # These landmarks were stored before probabilities were.
    assert rows[0]["label_probability"] == ""


def test_nothing_written_names_the_person_who_corrected(cast, cases, tmp_path):
    cast.coordinator.first_name, cast.coordinator.last_name = "Clara", "Schumann"
    cast.coordinator.save()
    run(cast, tmp_path / "out")
    for path in (tmp_path / "out").glob("*.*"):
        output = path.read_text().lower()
        assert "clara" not in output and "schumann" not in output, path


def test_corrections_of_somebody_who_left_the_study_keep_their_code(cast, cases, tmp_path):
    Membership.objects.filter(user=cast.coordinator, study=cast.study).update(active=False)
    run(cast, tmp_path / "out")
    assert ",coordinator,CO01," in (tmp_path / "out" / "origins.csv").read_text()


def test_images_of_one_patient_bear_one_subject_of_the_study(cast, cases, tmp_path):
    cases[1].patient = cases[0].patient
    cases[1].save()
    run(cast, tmp_path / "out")
    subject = f"{cast.study.slug}/{cases[0].patient.label}"
    assert [sample.subject for sample in read_samples([tmp_path / "out"])] == [subject] * 2


def test_corrected_cases_with_uncertain_levels_are_listed(cast, cases, tmp_path):
    assert "were corrected" not in run(cast, tmp_path / "first")
    move_corners(case=cases[2], landmarks=MOVED, based_on=1, actor=cast.coordinator)
    assert f"(of these, {cases[2].label} were corrected: accept" in run(cast, tmp_path / "out")


@pytest.mark.parametrize(
    ("option", "names"),
    [
        ("coco", {"landmarks.json"}),
        ("makesense", {"landmarks.csv"}),
        ("both", {"landmarks.json", "landmarks.csv"}),
    ],
)
def test_only_requested_formats_are_written(cast, cases, tmp_path, option, names):
    run(cast, tmp_path / "out", "--format", option)
    assert {path.name for path in (tmp_path / "out").iterdir()} == names | {"images", "origins.csv"}


def test_only_corrected_leaves_out_network_landmarks_also_when_restored(cast, cases, tmp_path):
    move_corners(case=cases[1], landmarks=MOVED, based_on=1, actor=cast.coordinator)
    restore_landmark_set(case=cases[1], version=1, based_on=2, actor=cast.coordinator)
    assert "1 not corrected" in run(cast, tmp_path / "out", "--only-corrected")
    (sample,) = read_samples([tmp_path / "out"])
    assert sample.open()[1].landmarks.corner(Vertebra.L1, "superior_anterior") == (38.25, 22.0)


def test_export_is_recorded_in_the_audit_trail(cast, cases, tmp_path):
    run(cast, tmp_path / "out", "--format", "coco")
    event = Event.objects.get(action="landmarks.exported")
    assert event.study == cast.study.slug
    assert event.data == {"cases": 2, "only_corrected": False, "formats": ["coco"]}


def test_command_reports_why_nothing_is_exported(cast, cases, tmp_path):
    with pytest.raises(CommandError, match="There is no study nothing"):
        call_command("export_landmarks", "--study", "nothing", "--out", str(tmp_path / "out"))
    with pytest.raises(CommandError, match="not empty"):
        (tmp_path / "file").touch()
        run(cast, tmp_path)
    with pytest.raises(CommandError, match="nothing was written"):
        cast.study = cast.outside_study
        run(cast, tmp_path / "out")
    assert not (tmp_path / "out").exists()
