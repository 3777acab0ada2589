"""Export of phantoms: DICOM files as each manufacturer writes them, with reference JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
    generate_uid,
)

from inference.phantom.families import SCANNERS
from inference.phantom.generator import Phantom, generate

_DATE: Final = "20240115"
_DESCRIPTION: Final = "LVA phantom"


def write_phantoms(
    count: int, seed: int, out: Path | str, *, family: str | None = None
) -> list[Path]:
    """Write phantoms as DICOM files, each with its reference standard as JSON.

    Parameters
    ----------
    count : int
        Number of phantoms.
    seed : int
        Seed of the first; the others follow it.
    out : path
        Folder, created if it does not exist.
    family : str, optional
        Key of the family; by default all families by their shares.

    Returns
    -------
    list of Path
        The DICOM files. The same seed gives the same bytes.
    """
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number in range(seed, seed + count):
        phantom = generate(number, family=family)
        path = folder / f"phantom-{number:08d}.dcm"
        write_dicom(phantom, path)
        truth = {**phantom.truth, "file": path.name}
        path.with_suffix(".json").write_text(json.dumps(truth, indent=1) + "\n")
        written.append(path)
    return written


def write_dicom(phantom: Phantom, path: Path | str) -> None:
    """Write one phantom as its scanner would.

    GE files are Computed Radiography, implicit VR, 8 bits or 16 bits with a sign, with the exposed
    area in mm and no pixel spacing. Hologic files are Secondary Capture, 12 bits, with pixel
    spacing. Altered exports have 8 bits.
    """
    as_dataset(phantom).save_as(Path(path), enforce_file_format=True)


def as_dataset(phantom: Phantom) -> FileDataset:
    """Return the phantom as the data set that `write_dicom` writes."""
    maker = SCANNERS[phantom.scanner].maker
    return _ge(phantom) if maker.startswith("GE") else _hologic(phantom)


def _ge(phantom: Phantom) -> FileDataset:
    dataset = _common(phantom, ComputedRadiographyImageStorage, ImplicitVRLittleEndian)
    dataset.Modality = "CR"
    dataset.Manufacturer = "GE Healthcare"
    dataset.ManufacturerModelName = SCANNERS[phantom.scanner].model
    dataset.SoftwareVersions = "16.20.059"
    dataset.ProtocolName = "LVA"
    dataset.ViewPosition = ""
    # As an iDXA writes it on every view, so that nothing may rely on it.
    dataset.PatientOrientation = ["L", "F"]
    rows, columns = phantom.pixels.shape
    row_mm, column_mm = phantom.spacing_mm
    # ExposedArea is in whole mm, width first; nothing else in the file gives the pixel size.
    dataset.ExposedArea = [round(columns * column_mm), round(rows * row_mm)]
    return dataset


def _hologic(phantom: Phantom) -> FileDataset:
    dataset = _common(phantom, SecondaryCaptureImageStorage, ExplicitVRLittleEndian)
    dataset.Modality = "OT"
    dataset.ConversionType = "WSD"
    dataset.Manufacturer = "Hologic"
    dataset.ManufacturerModelName = SCANNERS[phantom.scanner].model
    dataset.SoftwareVersions = "13.6.0.5"
    dataset.BurnedInAnnotation = "NO"
    dataset.PixelSpacing = [f"{value:.6g}" for value in phantom.spacing_mm]
    return dataset


def _common(phantom: Phantom, sop_class: UID, syntax: UID) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = _uid(phantom, "image")
    meta.TransferSyntaxUID = syntax
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.StudyInstanceUID = _uid(phantom, "study")
    dataset.SeriesInstanceUID = _uid(phantom, "series")
    dataset.StudyDate = dataset.AcquisitionDate = _DATE
    dataset.StudyTime = dataset.AcquisitionTime = "101500"
    dataset.StudyDescription = "DXA phantom"
    dataset.SeriesDescription = _DESCRIPTION
    dataset.PatientName = f"Phantom^{phantom.seed:08d}"
    dataset.PatientID = f"PHANTOM-{phantom.seed:08d}"
    dataset.PatientBirthDate = ""
    dataset.PatientSex = "FM"[phantom.seed % 2]
    dataset.PatientAge = f"{60 + phantom.seed % 25:03d}Y"
    dataset.AccessionNumber = dataset.StudyID = ""
    dataset.ReferringPhysicianName = ""
    dataset.SeriesNumber = dataset.InstanceNumber = 1
    _set_pixels(dataset, phantom)
    return dataset


def _set_pixels(dataset: Dataset, phantom: Phantom) -> None:
    pixels: Any = phantom.pixels
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.BitsAllocated = 8 if phantom.bits == 8 else 16
    # Values with a sign use the whole word.
    dataset.BitsStored = 16 if phantom.signed else phantom.bits
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(phantom.signed)
    word = "u1" if phantom.bits == 8 else "<i2" if phantom.signed else "<u2"
    content = np.ascontiguousarray(pixels).astype(word).tobytes()
    # Values have an even length in DICOM (PS3.5 7.1.1).
    content += b"\0" * (len(content) % 2)
    dataset.add_new("PixelData", "OB" if phantom.bits == 8 else "OW", content)


def _uid(phantom: Phantom, part: str) -> UID:
    return generate_uid(entropy_srcs=["verteread phantom", str(phantom.seed), phantom.family, part])
