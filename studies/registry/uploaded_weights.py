"""Check of uploaded weights in a sandbox process, before they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from django.conf import settings

from inference.network.configuration import CONFIGS
from inference.sandbox.job import Refusal
from inference.sandbox.limits import MIB, Limits
from inference.sandbox.pool import Pool, SandboxBroken, SandboxBusy
from inference.sandbox.process import SandboxFailed
from inference.sandbox.values import Values
from studies.errors import StudyError

MAX_WEIGHTS_BYTES: Final = 128 * MIB
"""VerteNet, with 24 million parameters of 32 bits, takes 97 MB."""
MAX_PARAMETERS: Final = 2**31


@dataclass(frozen=True, slots=True)
class WeightsFacts:
    """Facts that the header of uploaded weights states."""

    network: str
    parameters: int
    trained_on: str
    start_checksum: str


@cache
def _sandboxes() -> Pool:
    limits = Limits(memory_bytes=settings.SANDBOX_MEMORY_MB * MIB)
    return Pool("inference.sandboxed_tasks", limits=limits, size=1)


def check_uploaded_weights(data: bytes) -> WeightsFacts:
    """Return the facts stated in the header of a well-formed weights file.

    A worker then loads the file: only that shows whether its tensors match the network.

    Raises
    ------
    StudyError
        The file is too large, or it is not a weights file of VerteRead.
    """
    if len(data) > MAX_WEIGHTS_BYTES:
        limit = MAX_WEIGHTS_BYTES // MIB
        raise StudyError("too_large", f"This file is larger than {limit} MB.", status=413)
    try:
        values = Values(_sandboxes().run("summarize_weights", {}, data).values)
        # The answer comes from a process that parsed an untrusted file.
        facts = WeightsFacts(
            network=values.text("network"),
            parameters=values.whole("parameters", 1, MAX_PARAMETERS),
            trained_on=values.text("trained_on"),
            start_checksum=values.text("start_checksum"),
        )
        if facts.network not in CONFIGS:
            raise ValueError("The sandbox named an unknown network.")
    except Refusal as refusal:
        raise _unusable(refusal.text) from refusal
    except (SandboxFailed, ValueError) as error:
        raise _unusable("The file could not be read.") from error
    except (SandboxBusy, SandboxBroken) as error:
        raise StudyError(
            "uploads_busy",
            "The server is busy, so the file was not added. Try again in a minute.",
            status=503,
        ) from error
    return facts


def _unusable(reason: str) -> StudyError:
    return StudyError(
        "unusable_weights",
        f"{reason} Upload best.safetensors from a training run; other formats, such as .pth, "
        "can contain code and are never opened.",
    )
