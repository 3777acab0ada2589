"""The window in which an image opens, on 200 phantoms of all families."""

from __future__ import annotations

from inference.phantom.families import FAMILIES
from tests.inference.dicom.opening_window import MAX_BLACK, MAX_WHITE, phantom_shares

PHANTOMS = 200


def test_opening_window_of_200_phantoms_clips_neither_bone_nor_soft_tissue() -> None:
    families = sorted(FAMILIES)
    shares = [phantom_shares(number, families[number % 8]) for number in range(PHANTOMS)]
    assert len(families) == 8
    print(  # noqa: T201
        "largest share clipped white, black:", *(max(part) for part in zip(*shares, strict=True))
    )
    assert [entry for entry in shares if entry.white > MAX_WHITE or entry.black > MAX_BLACK] == []
