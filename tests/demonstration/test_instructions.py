"""The instructions of the demonstration fit its study and are valid Markdown."""

from __future__ import annotations

import pytest

from studies.demonstration.instructions import GUIDED_INSTRUCTIONS, INSTRUCTIONS
from studies.practice.instructions.versions import rendered_parts, save_instructions

pytestmark = pytest.mark.django_db


def test_instructions_have_a_part_for_all_readers_and_one_for_the_guided_arm(cast):
    saved = save_instructions(
        study=cast.study,
        by=cast.coordinator,
        text=INSTRUCTIONS,
        arm_texts={"guided": GUIDED_INSTRUCTIONS},
    )
    whole, guided = rendered_parts(cast.study, saved)
    assert whole.html.startswith("<h3>Welcome</h3>")
    assert "<code>h</code>" in whole.html
    assert guided.html.count("<li>") == 3
