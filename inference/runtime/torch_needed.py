"""torch is optional: what happens where it is needed and is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from inference.runtime.session import RuntimeUnavailable

INSTALL_TORCH = (
    "install torch: `VERTEREAD_TORCH=public make setup` in a checkout, "
    "`pip install 'verteread[torch]'` elsewhere"
)


@contextmanager
def require_torch(reason: str) -> Iterator[None]:
    """Import torch, or what imports it; where it is missing, say why it is needed.

    Raises
    ------
    RuntimeUnavailable
        When torch is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise RuntimeUnavailable(f"{reason}, which needs torch: {INSTALL_TORCH}") from error
