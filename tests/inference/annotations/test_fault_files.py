"""Landmark files that an earlier version read wrongly."""

from __future__ import annotations

import pytest

from inference.annotations.coco import read_coco
from inference.annotations.makesense import read_makesense
from inference.annotations.marked_images import FormatError
from inference.annotations.plausibility import check_plausibility
from tests.fault_files import fault_file, needs_fault_files

pytestmark = needs_fault_files


def test_labels_from_t11_to_l4_are_refused():
    with pytest.raises(FormatError, match=r"the label is T11, but .* belongs to T12"):
        read_makesense(fault_file("30").read_text())


def test_coordinates_from_0_to_1_are_refused():
    (image,) = read_coco(fault_file("31").read_text())
    with pytest.raises(FormatError, match="between 0 and 1"):
        check_plausibility(image)
