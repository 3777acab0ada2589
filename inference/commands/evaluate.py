"""``python -m inference evaluate``."""

from inference.training.evaluate import main

__all__ = ["main"]
