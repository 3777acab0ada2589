"""The experience of a reader as reports describe it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ProfileSummary:
    """A reader's answers, without the label in the study; None and "" where not answered.

    ``name`` is "" without consent to be named.
    """

    name: str
    profession: str
    years: int | None
    aac_readings: int | None

    @property
    def is_empty(self) -> bool:
        """Whether the reader gave no answer."""
        return not self.profession and self.years is None and self.aac_readings is None
