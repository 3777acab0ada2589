"""Review after the lock: notes on cases, adjudications and versions of the reference standard."""

from studies.review.models.notes import ReviewNote

__all__ = ["ReviewNote"]
