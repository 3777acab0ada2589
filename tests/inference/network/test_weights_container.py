"""The container of weights files: what is accepted, and that nothing is trusted."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from inference.network.weights_container import UnusableWeights, summarize_weights
from tests.registry.weights import join, shipped, split, weights


def test_bundled_weights_are_summarised_without_the_library():
    summary = summarize_weights(shipped())
    assert summary.config.name == "verteread-lite"
    assert summary.config.input_size == (512, 256)
    assert summary.trained_on.startswith("synthetic")
    assert summary.parameters > 3_000_000


def test_initial_weights_are_named_by_checksum():
    assert summarize_weights(weights(start={"sha256": "ab" * 32})).start_checksum == "ab" * 32
    assert summarize_weights(weights(start="other")).start_checksum == ""


def test_other_input_size_of_a_known_network_is_accepted():
    header, content = split(shipped())
    metadata = header["__metadata__"]
    config = json.loads(metadata["config"])
    metadata["config"] = json.dumps({**config, "input_size": [1024, 512]})
    assert summarize_weights(join(header, content)).config.input_size == (1024, 512)


def test_weights_of_earlier_versions_without_the_second_stage_are_accepted():
    header, content = split(shipped())
    metadata = header["__metadata__"]
    config = json.loads(metadata["config"])
    config.pop("refiner", None)
    metadata["config"] = json.dumps(config)
    assert summarize_weights(join(header, content)).config.refiner is None


def changed(**metadata: Any) -> bytes:
    header, content = split(shipped())
    header["__metadata__"] = {**header["__metadata__"], **metadata}
    return join(header, content)


def with_config(**changes: Any) -> bytes:
    header, _ = split(shipped())
    config = {**json.loads(header["__metadata__"]["config"]), **changes}
    return changed(config=json.dumps(config))


def with_tensor(**changes: Any) -> bytes:
    header, content = split(shipped())
    name = next(name for name in sorted(header) if name != "__metadata__")
    header[name] = {**header[name], **changes}
    return join(header, content)


def with_nan() -> bytes:
    header, content = split(shipped())
    name = next(n for n, t in header.items() if n != "__metadata__" and t["dtype"] == "F32")
    start, _ = header[name]["data_offsets"]
    nan = np.float32("nan").tobytes()
    return join(header, content[:start] + nan + content[start + 4 :])


def with_scale(shape: list[int], scale: list[int]) -> bytes:
    """Return a small file whose weights times scales have more values than both together."""
    header, _ = split(shipped())
    metadata = header["__metadata__"]
    weights, scales = math.prod(shape), 4 * math.prod(scale)
    return join(
        {
            "__metadata__": metadata,
            "a": {"dtype": "I8", "shape": shape, "data_offsets": [0, weights]},
            "a.scale": {
                "dtype": "F32",
                "shape": scale,
                "data_offsets": [weights, weights + scales],
            },
        },
        bytes(weights + scales),
    )


FAULTS = {
    "empty": (b"", "not a safetensors file"),
    "text": (b"PK\x03\x04 a zip archive, as .pth files are", "not a safetensors file"),
    "header longer than the file": ((2**19).to_bytes(8, "little") + b"{}", "incomplete"),
    "huge header": ((2**62).to_bytes(8, "little") + b"{}" * 100, "incomplete"),
    "no object": (join([], b""), "not a JSON object"),
    "no JSON": (join(b"{", b""), "not valid JSON"),
    "nested": (join(b"[" * 200_000, b""), "not valid JSON"),
    "other format": (changed(format="pt"), "does not name the format"),
    "no config": (changed(config="{}"), "does not have"),
    "unknown network": (with_config(name="resnet"), "does not have"),
    "larger network": (with_config(heads={}), "another version"),
    "endless input": (with_config(input_size=[10**9, 512]), "another version"),
    "odd input": (with_config(input_size=[500, 250]), "another version"),
    "input of text": (with_config(input_size=["512", "256"]), "another version"),
    "unknown type": (with_tensor(dtype="F64"), "not described"),
    "negative offset": (with_tensor(data_offsets=[-4, 4]), "outside the file"),
    "outside": (with_tensor(data_offsets=[0, 2**40]), "outside the file"),
    "other size": (with_tensor(shape=[1, 1]), "does not match its shape"),
    "not a number": (with_nan(), "not numbers"),
    "scale of each column": (with_scale([1, 5000], [5000]), "one value per channel"),
    "scale of two dimensions": (with_scale([5000, 1], [5000, 1]), "one value per channel"),
    "scale of a single value": (with_scale([], []), "one value per channel"),
    "cut off": (shipped()[:-1], "outside the file"),
    "hidden end": (shipped() + b"x", "last tensor"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_other_files_are_rejected_with_the_reason(fault):
    data, reason = FAULTS[fault]
    with pytest.raises(UnusableWeights, match=reason):
        summarize_weights(data)


def test_overlapping_tensors_are_rejected():
    header, content = split(shipped())
    names = sorted(
        (n for n in header if n != "__metadata__"), key=lambda n: header[n]["data_offsets"]
    )
    first, second = names[0], names[1]
    header[second] = header[first]
    with pytest.raises(UnusableWeights, match="overlap"):
        summarize_weights(join(header, content))
