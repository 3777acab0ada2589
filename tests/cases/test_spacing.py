"""Lengths are shown in mm only where the vertebral bodies bear the header's pixel size out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inference.image import read_image
from inference.measurements import measure
from inference.results import Analysis, Landmarks, ModelInfo, Prediction
from studies.cases.landmarks.analysis import begin_analysis, store_analysis
from studies.cases.landmarks.corrections import flip_side
from studies.cases.models import Case, Image
from studies.cases.review import release_case
from studies.cases.upload.ingest import ingest_file
from tests.dicom_files import gradient, lateral_file
from tests.make import CHECKSUM, dicom_bytes, landmarks_at

pytestmark = pytest.mark.django_db


def taken_in(cast, data: bytes) -> Case:
    upload = ingest_file(
        study=cast.study, site=cast.site, data=data, name="a", uploader=cast.coordinator
    )
    assert upload.case is not None, upload.reason_text
    return upload.case


def test_spine_with_a_placeholder_becomes_a_case_without_mm(cast):
    data = lateral_file(gradient(1100, 77), PixelSpacing=["1", "1"], BurnedInAnnotation="NO")
    image = taken_in(cast, data).image
    assert (image.spacing_mm, image.spacing_source) == (None, "implausible")


def test_image_as_long_as_a_whole_body_is_reviewed_until_its_spacing_is_corrected(cast):
    pixels = gradient(451, 180)
    case = taken_in(
        cast, lateral_file(pixels, PixelSpacing=["2.5", "2.5"], BurnedInAnnotation="NO")
    )
    assert (case.state, case.reason_code) == ("pending_review", "long_field")
    assert "longer than 1 m" in case.reason_text
    assert (case.image.spacing_mm, case.image.spacing_source) == (None, "implausible")
    corrected = lateral_file(pixels, PixelSpacing=["0.9", "0.9"], BurnedInAnnotation="NO")
    case = taken_in(cast, corrected)
    assert (case.state, case.reason_code) == ("received", "")
    assert case.image.spacing_mm == [0.9, 0.9]


def test_released_image_with_a_long_field_is_analysed(cast):
    data = lateral_file(gradient(1104, 402), PixelSpacing=["2", "2"])
    case = taken_in(cast, data)
    assert "a name is visible" in case.reason_text and "longer than 1 m" in case.reason_text
    assert release_case(case=case, actor=cast.coordinator).state == "received"


def test_spacing_that_the_bodies_belie_is_shown_nowhere_until_they_bear_it_out(cast, client_of):
    case = taken_in(cast, dicom_bytes())
    image = replace(read_image(dicom_bytes()), spacing_mm=(7.5, 7.5))
    landmarks = Landmarks.from_dict(landmarks_at())
    analysis = Analysis(
        file="x",
        width=image.width,
        height=image.height,
        spacing_mm=None,
        spacing_source="implausible",
        scaling=image.scaling,
        model=ModelInfo("small", CHECKSUM, "", True),
        prediction=Prediction(landmarks, "right", 0.9, bodies=tuple(landmarks.bodies.values())),
        measurements=measure(image, landmarks, "right"),
    )
    store_analysis(case=begin_analysis(case_id=case.pk), analysis=analysis)
    shown = client_of(cast.coordinator).get(f"/api/v1/cases/{case.pk}").json()
    assert shown["image"]["spacing_mm"] is None
    codes = [warning["code"] for warning in shown["landmark_set"]["warnings"]]
    assert codes == ["spacing_implausible"]
    assert Image.objects.get().spacing_source == "implausible"
    flip_side(case=Case.objects.get(), actor=cast.coordinator)  # the stored file says 2.5 mm
    image = Image.objects.get()
    assert (image.spacing_mm, image.spacing_source) == ([2.5, 2.5], "pixel_spacing")
