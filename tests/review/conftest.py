"""Studies with submitted readings, before and after the lock."""

from tests.reports.conftest import locked, read

__all__ = ["locked", "read"]
