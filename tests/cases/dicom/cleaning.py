"""Files cleaned of what names a patient, or refused, as the upload does it."""

from io import BytesIO

import pytest
from pydicom import dcmread

from studies.cases.dicom.deidentify import UnusableDicom, deidentify

KEY = b"k" * 32


def clean(data, key=KEY, days=100):
    return deidentify(data, key=key, date_shift_days=days)


def header(result):
    return dcmread(BytesIO(result.data))


def refusal(data):
    with pytest.raises(UnusableDicom) as caught:
        clean(data)
    assert caught.value.text.endswith(".")
    return caught.value
