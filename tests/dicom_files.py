"""Build DICOM files for tests: a lateral-spine scan as a scanner writes it, or variants of it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian


def gradient(rows: int = 120, columns: int = 80, high: int = 252) -> NDArray[Any]:
    """Return grey values that rise to the right and downwards, so that reordering shows."""
    across = np.linspace(0, high / 2, columns)
    down = np.linspace(0, high / 2, rows)
    return (down[:, None] + across[None, :]).astype(np.uint8 if high < 256 else np.uint16)


def lateral_dataset(pixels: NDArray[Any] | None = None, **elements: Any) -> Dataset:
    """Return a dataset as GE Lunar iDXA writes it; an element set to ``None`` is left out."""
    stored = gradient() if pixels is None else pixels
    dataset = Dataset()
    dataset.SOPClassUID = ComputedRadiographyImageStorage
    dataset.SOPInstanceUID = "1.2.3.4.5"
    dataset.StudyInstanceUID = "1.2.3.4"
    dataset.SeriesInstanceUID = "1.2.3.4.1"
    dataset.StudyDate = dataset.AcquisitionDate = "20180719"
    dataset.Modality = "CR"
    dataset.Manufacturer = "GE Healthcare"
    dataset.ManufacturerModelName = "Lunar iDXA"
    dataset.PatientName, dataset.PatientID = "DOE^JANE", "PAT-0815"
    dataset.PatientBirthDate, dataset.PatientSex = "19500101", "F"
    dataset.ProtocolName = "LVA"
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = stored.shape[:2]
    bits = stored.dtype.itemsize * 8
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, bits, bits - 1
    dataset.PixelRepresentation = int(stored.dtype.kind == "i")
    raw = stored.tobytes()
    dataset.add_new("PixelData", "OB" if bits == 8 else "OW", raw + b"\0" * (len(raw) % 2))
    for keyword, value in elements.items():
        if value is None:
            del dataset[keyword]
        else:
            setattr(dataset, keyword, value)
    return dataset


def to_bytes(dataset: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """Return the dataset as a file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", ComputedRadiographyImageStorage)
    meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "1.2.3")
    meta.TransferSyntaxUID = syntax
    dataset.file_meta = meta
    out = BytesIO()
    dcmwrite(out, dataset, enforce_file_format=True)
    return out.getvalue()


def lateral_file(pixels: NDArray[Any] | None = None, **elements: Any) -> bytes:
    """Return a lateral-spine scan as a file."""
    return to_bytes(lateral_dataset(pixels, **elements))
