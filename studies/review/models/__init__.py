"""Review after the lock: notes, adjudications, reference standard versions and reopenings."""

from studies.review.models.adjudications import Adjudication, AdjudicationRound
from studies.review.models.notes import ReviewNote
from studies.review.models.reference_versions import ReferenceVersion
from studies.review.models.reopenings import StudyReopening

__all__ = ["Adjudication", "AdjudicationRound", "ReferenceVersion", "ReviewNote", "StudyReopening"]
