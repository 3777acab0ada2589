"""Error message for features that need torch, which is an optional dependency."""

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
    """Wrap imports that need torch, and explain why if it is missing.

    Parameters
    ----------
    reason
        Why torch is needed, as the beginning of the error message.

    Raises
    ------
    RuntimeUnavailable
        If torch is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        # Another missing module is a fault of the installation that must not be reported as torch.
        if error.name != "torch":
            raise
        raise RuntimeUnavailable(f"{reason}, which needs torch: {INSTALL_TORCH}") from error
