"""The arms of a study: their order, and how they are named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from studies.analytics.names import same_name

# Arms that are listed first, in this order, and compared unless others are named.
KNOWN_ARMS: Final = ("unguided", "guided", "guided corrected", "measured", "guided measured")


def arms_in_order(arms: Sequence[str | None]) -> tuple[str | None, ...]:
    """Return arm names in order: `KNOWN_ARMS`, the others as text, ``None`` last."""
    known = {arm: rank for rank, arm in enumerate(KNOWN_ARMS)}
    last = len(known)
    return tuple(sorted(set(arms), key=lambda arm: (arm is None, known.get(arm or "", last), arm)))


def arm_named(arms: Sequence[str | None], name: str) -> str | None:
    """Return the arm with this name, ignoring case; None if there is no such arm."""
    return next((arm for arm in arms if arm is not None and same_name(arm, name)), None)
