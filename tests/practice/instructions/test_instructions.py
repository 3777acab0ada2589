"""Instructions: versions, acknowledgement, pictures, scoring guide."""

from __future__ import annotations

from io import BytesIO

import PIL.Image
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InternalError, transaction

from inference.phantom.generator import Layout
from studies.analytics.scale import CELL_SCORES, WALLS
from studies.errors import Conflict, StudyError
from studies.practice.instructions.example_images import EXAMPLES, example_layout
from studies.practice.instructions.versions import save_instructions
from studies.practice.models import Acknowledgement, InstructionPicture, Instructions
from studies.sessions.study_lifecycle import lock_study
from tests.reports.document.test_methods import AAC8_UNIT

pytestmark = pytest.mark.django_db


def save(cast, text="Read calmly.", **arms):
    return save_instructions(
        study=cast.study, by=cast.coordinator, text=text, arm_texts=arms, reason="Clearer wording"
    )


def acknowledge(client, cast, part, version=1):
    url = f"/api/v1/studies/{cast.study.slug}/instructions/acknowledge"
    return client.post(url, {"version": version, "part": part})


def test_every_change_is_a_new_version_and_the_same_text_is_not(cast):
    assert save(cast).version == 1
    assert save(cast).version == 1
    assert save(cast, guided="Use the guides.").version == 2
    with pytest.raises(InternalError), transaction.atomic():
        Instructions.objects.update(text="other")


def test_empty_foreign_or_late_instructions_are_rejected(cast):
    with pytest.raises(StudyError):
        save(cast, text="  ")
    with pytest.raises(StudyError):
        save(cast, measured="x")
    with pytest.raises(StudyError):
        save(cast, text="x" * 20_001)
    cast.assign_cases(1)
    lock_study(study=cast.study, by=cast.coordinator)
    with pytest.raises(Conflict):
        save(cast)


def test_reader_gets_the_parts_and_the_guide_and_acknowledges_each_part(cast, client_of):
    save(cast, text="# Before you start", guided="The guides may be wrong.")
    client = client_of(cast.reader.user)
    url = f"/api/v1/studies/{cast.study.slug}/instructions"
    shown = client.get(url).json()
    assert [(part["part"], part["title"]) for part in shown["parts"]] == [
        ("study", "Study instructions"),
        ("guided", "Guided arm"),
    ]
    assert "<h3>Before you start</h3>" in shown["parts"][0]["html"]
    assert "Phleboliths" in shown["guide"]
    assert shown["acknowledged"] == []
    assert acknowledge(client, cast, "study").json() == {"acknowledged": ["study"]}
    acknowledge(client, cast, "study")
    assert Acknowledgement.objects.count() == 1
    assert acknowledge(client, cast, "unguided").status_code == 400
    save(cast, text="# Before you start, again", guided="The guides may be wrong.")
    assert acknowledge(client, cast, "guided", version=1).json()["error"]["code"] == "stale"
    assert client.get(url).json()["acknowledged"] == []
    kept_version = Acknowledgement.objects.get()
    assert (kept_version.reader, kept_version.instructions.version) == (cast.reader, 1)


def test_locked_study_records_no_further_acknowledgement(cast, client_of):
    save(cast, text="Read this.")
    cast.assign_cases(1)
    lock_study(study=cast.study, by=cast.coordinator)
    refused = acknowledge(client_of(cast.reader.user), cast, "study")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "locked")
    assert not Acknowledgement.objects.exists()


def test_study_without_instructions_has_the_guide_and_nothing_to_acknowledge(cast, client_of):
    shown = client_of(cast.reader.user).get(f"/api/v1/studies/{cast.study.slug}/instructions")
    assert shown.json()["version"] is None
    assert shown.json()["parts"] == []
    assert acknowledge(client_of(cast.reader.user), cast, "study").status_code == 409


@pytest.mark.parametrize(
    ("boundary", "text"),
    [("lower", "exactly one third is grade 1"), ("upper", "exactly one third is grade 2")],
)
def test_guide_states_the_boundary_rule_of_the_study(cast, client_of, boundary, text):
    cast.study.boundary = boundary
    cast.study.save()
    url = f"/api/v1/studies/{cast.study.slug}/instructions"
    assert text in client_of(cast.reader.user).get(url).json()["guide"]


def test_guide_explains_aac8_only_where_it_is_scored(cast, client_of):
    url = f"/api/v1/studies/{cast.study.slug}/instructions"
    assert "AAC-8" not in client_of(cast.reader.user).get(url).json()["guide"]
    cast.study.scores = "aac24_aac8"
    cast.study.save()
    guide = client_of(cast.reader.user).get(url).json()["guide"]
    assert f"{AAC8_UNIT} (a vertebra with half of the disc above" in guide


def test_examples_have_the_grades_that_the_guide_states():
    assert set(EXAMPLES) == {(wall, grade) for wall in WALLS for grade in CELL_SCORES}
    for (wall, grade), (seed, level) in EXAMPLES.items():
        layout: Layout = example_layout(seed)
        assert layout.grades[f"{level}_{wall}"] == grade
        plaques = [p for p in layout.scene.aorta.plaques if (p.level, p.wall) == (level, wall)]
        share = sum(p.end - p.start for p in plaques)
        assert grade == (0 if not share else 1 if share <= 1 / 3 else 2 if share <= 2 / 3 else 3)


def test_example_is_a_picture_and_another_one_does_not_exist(cast, client_of):
    client = client_of(cast.reader.user)
    answer = client.get("/scoring-guide/posterior-3.png")
    with PIL.Image.open(BytesIO(answer.content)) as picture:
        assert picture.size == (604, 300)
    assert client.get("/scoring-guide/posterior-4.png").status_code == 404


def photo() -> bytes:
    """A JPEG with a camera's metadata, which names a person and a place."""
    exif = PIL.Image.Exif()
    exif[0x013B] = "Dr Smith"  # artist
    exif[0x0112] = 6  # to be shown rotated
    out = BytesIO()
    PIL.Image.new("RGB", (40, 20), "#808080").save(out, "JPEG", exif=exif, comment=b"Smith")
    return out.getvalue()


def upload(client, cast, content, **fields):
    url = f"/api/v1/studies/{cast.study.slug}/instructions/pictures"
    sent = {"file": SimpleUploadedFile("photo.jpg", content), **fields}
    return client.post(url, sent, format="multipart")


def test_picture_is_stored_without_metadata_and_served_to_readers(cast, client_of):
    content = photo()
    assert b"Smith" in content
    answer = upload(client_of(cast.coordinator), cast, content, confirmed="true")
    assert answer.status_code == 201, answer.content
    picture = InstructionPicture.objects.get()
    address = f"/studies/{cast.study.slug}/instructions/pictures/{picture.pk}.png"
    assert address in answer.json()["markdown"]
    stored = picture.file.open("rb").read()
    assert b"Smith" not in stored
    with PIL.Image.open(BytesIO(stored)) as image:
        assert (image.format, image.size, image.info) == ("PNG", (20, 40), {})
    shown = client_of(cast.reader.user).get(address)
    assert (shown.status_code, shown.content) == (200, stored)
    for person in (cast.outsider, cast.statistician):
        assert client_of(person).get(address).status_code == 404


def test_picture_needs_the_confirmation_and_must_be_a_picture(cast, client_of):
    client = client_of(cast.coordinator)
    assert upload(client, cast, photo(), confirmed="false").status_code == 400
    assert upload(client, cast, photo()).status_code == 400
    refused = upload(client, cast, b"<svg onload='alert(1)'/>", confirmed="true")
    assert refused.json()["error"]["code"] == "not_a_picture"
    large = upload(client, cast, b"x" * 1_000_000, confirmed="true")
    assert large.status_code == 413
    assert not InstructionPicture.objects.exists()


def test_coordinator_writes_instructions_on_the_page(cast, client_of):
    client = client_of(cast.coordinator)
    url = f"/studies/{cast.study.slug}/instructions"
    assert client.post(url, {"text": ""}, format="multipart").status_code == 200
    sent = {"text": "Read calmly.", "arm_guided": "Use the guides."}
    assert client.post(url, sent, format="multipart").status_code == 302
    stored = Instructions.objects.get()
    assert (stored.text, stored.arm_texts) == ("Read calmly.", {"guided": "Use the guides."})
    page = client.get(url).content.decode()
    assert "<p>Use the guides.</p>" in page
