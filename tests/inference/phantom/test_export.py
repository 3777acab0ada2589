from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pydicom
import pytest

from inference.image import read_image
from inference.phantom import generate
from inference.phantom.export import write_dicom, write_phantoms


@pytest.mark.parametrize(
    ("family", "syntax", "modality"),
    [
        ("ge_idxa", "1.2.840.10008.1.2", "CR"),
        ("ge_prodigy", "1.2.840.10008.1.2", "CR"),
        ("ge_de", "1.2.840.10008.1.2", "CR"),
        ("hologic_se", "1.2.840.10008.1.2.1", "OT"),
        ("hologic_de", "1.2.840.10008.1.2.1", "OT"),
    ],
)
def test_file_has_the_attributes_of_its_manufacturer(
    tmp_path: Path, family: str, syntax: str, modality: str
) -> None:
    phantom = generate(3, family=family)
    path = tmp_path / "case.dcm"
    write_dicom(phantom, path)
    dataset = pydicom.dcmread(path)
    assert dataset.file_meta.TransferSyntaxUID == syntax
    assert dataset.Modality == modality
    assert ("PixelSpacing" in dataset) == family.startswith("hologic")
    assert ("ExposedArea" in dataset) == family.startswith("ge")
    assert np.array_equal(dataset.pixel_array, phantom.pixels)


@pytest.mark.parametrize("family", ["ge_idxa", "hologic_se"])
def test_file_is_read_with_the_true_spacing_and_grey_values(tmp_path: Path, family: str) -> None:
    phantom = generate(4, family=family)
    write_dicom(phantom, tmp_path / "case.dcm")
    image = read_image(tmp_path / "case.dcm")
    assert image.spacing_mm == pytest.approx(phantom.spacing_mm, rel=1e-5)
    assert np.allclose(image.pixels, phantom.pixels / (2**phantom.bits - 1), atol=1e-6)


def test_phantoms_are_written_with_their_reference_standard(tmp_path: Path) -> None:
    files = write_phantoms(2, 500, tmp_path)
    assert [path.name for path in files] == ["phantom-00000500.dcm", "phantom-00000501.dcm"]
    truth = json.loads(files[1].with_suffix(".json").read_text())
    assert truth["file"] == files[1].name
    assert truth["seed"] == 501
    again = write_phantoms(1, 501, tmp_path / "again")
    assert again[0].read_bytes() == files[1].read_bytes()
