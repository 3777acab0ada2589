from __future__ import annotations

import pytest
import torch

from inference.network.vertenet.precision import benefits_from_bf16


@pytest.mark.parametrize(
    ("able", "gains"),
    [
        ({"avx2": True, "amx_bf16": False, "avx512_bf16": False}, False),
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": True}, True),
        ({}, False),
    ],
)
def test_a_processor_without_instructions_for_bf16_is_not_asked_for_it(monkeypatch, able, gains):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert benefits_from_bf16(torch.device("cpu")) is gains
    assert benefits_from_bf16(torch.device("cuda"))
