from __future__ import annotations

import pytest
import torch

from inference.network.vertenet.precision import benefits_from_bf16


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx2": True, "amx_bf16": False, "avx512_bf16": False}, False),
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": True}, True),
        ({}, False),
    ],
)
def test_bf16_is_used_only_on_processors_with_bf16_instructions(
    monkeypatch, capabilities, expected
):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert benefits_from_bf16(torch.device("cpu")) is expected
    assert benefits_from_bf16(torch.device("cuda"))
