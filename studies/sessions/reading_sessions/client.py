"""The browser of a request and the times that it reports, as reading sessions use them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Client:
    """The browser that sends a request, and how long ago what it reports was measured."""

    sign_in: str = ""
    browser: str = ""
    viewport: tuple[int, int] | None = None
    device_pixel_ratio: float | None = None
    age: timedelta = timedelta(0)


UNKNOWN_CLIENT = Client()


@dataclass(frozen=True, slots=True)
class TimeSpent:
    """Time on a reading, in milliseconds."""

    active_ms: int = 0
    idle_ms: int = 0
    guides_ms: int = 0


NO_TIME = TimeSpent()
