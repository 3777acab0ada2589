from __future__ import annotations

import pytest

from inference.network.configuration import CHANGES, CONFIGS, SMALL, VERTENET, Config, baseline


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("full", [VERTENET, SMALL], ids=lambda config: config.name)
def test_baseline_changes_its_part_and_retains_the_size(full: Config, change: str) -> None:
    changed = baseline(full, change)
    assert (changed.input_size, changed.heads) == (full.input_size, full.heads)
    assert changed != full
    assert CONFIGS[changed.name] == changed
    assert Config.from_dict(changed.to_dict()) == changed
    for plan, before in zip(changed.fusions, full.fusions, strict=True):
        assert plan.width == before.width


def test_fusion_blocks_of_older_files_have_both_attention_steps() -> None:
    data = VERTENET.to_dict()
    for plan in data["fusions"]:
        del plan["self_attention"], plan["cross_attention"]
    assert Config.from_dict(data) == VERTENET
