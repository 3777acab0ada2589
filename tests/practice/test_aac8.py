"""AAC-8 in practice: asked for as in the study, beside a reference measured from the plaques."""

from __future__ import annotations

import pytest

from inference.geometry.pixel_size import PixelSize
from studies.analytics.scale import AAC8_CELLS, AAC8_SCORES, CELLS, WALLS
from studies.practice.phantoms import practice_phantom, reference_plaques
from studies.practice.practice_set import add_case, add_phantoms
from studies.sessions.measuring.saving import measure_drawing
from tests.make import make_case
from tests.practice.people import Trainee

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainee(cast, client_of):
    cast.study.scores = "aac24_aac8"
    cast.study.save()
    return Trainee(client_of(cast.reader.user), cast.study.slug)


def test_practice_case_is_complete_with_aac8_and_shows_its_reference(cast, trainee):
    (phantom,) = add_phantoms(study=cast.study, by=cast.coordinator, number=1)
    practice_round = trainee.begin("practice")
    pk = trainee.open(practice_round)
    for cell in CELLS:
        trainee.put(pk, cell, score=phantom.grades[cell])
    assert trainee.submit(pk).status_code == 409
    for cell in AAC8_CELLS:
        assert trainee.put(pk, cell, score=4).status_code == 200
    answer = trainee.submit(pk)
    assert answer.status_code == 200
    aac8 = answer.json()["aac8"]
    assert [(entry["wall"], entry["score"]) for entry in aac8] == [(wall, 4) for wall in WALLS]
    assert all(entry["reference"] in AAC8_SCORES for entry in aac8)
    # The agreement is that of the eight cells.
    page = trainee.client.get(f"/studies/{cast.study.slug}/practice").content.decode()
    assert "1.00" in page


def test_case_with_reference_grades_alone_has_no_reference_aac8(cast, trainee):
    case = make_case(cast.study, cast.site)
    add_case(case=case, by=cast.coordinator, grades=dict.fromkeys(CELLS, 1), source="consensus")
    pk = trainee.open(trainee.begin("practice"))
    for cell in (*CELLS, *AAC8_CELLS):
        trainee.put(pk, cell, score=1)
    assert [entry["reference"] for entry in trainee.submit(pk).json()["aac8"]] == [None, None]


def test_measuring_the_plaques_of_phantoms_gives_their_reference_grades(cast):
    for phantom in add_phantoms(study=cast.study, by=cast.coordinator, number=3):
        drawn = practice_phantom(phantom.seed)
        pixel = PixelSize.of(drawn.image["spacing_mm"], drawn.image["pixel_aspect"])
        measured = measure_drawing(
            [{"wall": p["wall"], "points": p["points"]} for p in reference_plaques(phantom.seed)],
            [],
            guides=drawn.guides,
            pixel=(pixel.across, pixel.down),
            in_mm=pixel.in_mm,
            rule=cast.study.boundary,
        )
        grades = {cell: lengths["grade"] for cell, lengths in measured["cells"].items()}
        assert grades == phantom.grades
