"""Header values never appear in warnings or logs, even if threads change the warning filters."""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from inference.dicom.dataset import UnreadableImage, open_dataset
from studies.cases.dicom.deidentify import UnusableDicom, deidentify
from tests.hostile.elements import HEADER, PIXELS, element, file_of, with_elements

NAME = b"DOE^JANE"
FAULTY_FILES = (
    with_elements(element(0x00080005, b"CS", NAME)),
    with_elements(element(0x00281050, b"DS", NAME) + element(0x00281051, b"DS", NAME)),
    with_elements(element(0x00080005, b"CS", b"ISO 2022 IR 6\\" + NAME)),
    with_elements(element(0x00200013, b"IS", NAME)),
    with_elements(element(0x00181030, b"LO", NAME * 20)),
    file_of(HEADER + PIXELS, NAME.decode()),
)


def test_header_values_are_never_warned_of_or_logged(monkeypatch, caplog):
    leaks: list[str] = []
    monkeypatch.setattr(
        warnings, "showwarning", lambda message, *args, **_: leaks.append(str(message))
    )
    stop = threading.Event()

    def change_filters() -> None:
        while not stop.is_set():
            with warnings.catch_warnings():
                warnings.simplefilter("always")

    def read(number: int) -> None:
        data = FAULTY_FILES[number % len(FAULTY_FILES)]
        with suppress(UnreadableImage):
            open_dataset(data)
        with suppress(UnusableDicom):
            deidentify(data, key=b"k" * 32, date_shift_days=3)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    with caplog.at_level(logging.DEBUG), ThreadPoolExecutor(9) as threads:
        changing = threads.submit(change_filters)
        list(threads.map(read, range(120)))
        stop.set()
        changing.result()
    sys.setswitchinterval(interval)
    assert "JANE" not in "".join(leaks) + caplog.text


def test_truncated_file_is_detected_without_warnings():
    data = file_of(HEADER + element(0x7FE00010, b"OB", b"\xfe\xff\x00\xe0\0\0\0\0", 0xFFFFFFFF))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "PixelData" in open_dataset(data)
