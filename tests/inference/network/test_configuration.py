from __future__ import annotations

import pytest

from inference.network.configuration import CHANGES, CONFIGS, SMALL, VERTENET, Config, baseline


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("whole", [VERTENET, SMALL], ids=lambda config: config.name)
def test_baseline_changes_its_part_and_keeps_the_size(whole: Config, change: str) -> None:
    changed = baseline(whole, change)
    assert (changed.input_size, changed.heads) == (whole.input_size, whole.heads)
    assert changed != whole
    assert CONFIGS[changed.name] == changed
    assert Config.from_dict(changed.to_dict()) == changed
    for plan, before in zip(changed.fusions, whole.fusions, strict=True):
        assert plan.width == before.width


def test_fusions_of_older_files_have_both_attentions() -> None:
    data = VERTENET.to_dict()
    for plan in data["fusions"]:
        del plan["self_attention"], plan["cross_attention"]
    assert Config.from_dict(data) == VERTENET
