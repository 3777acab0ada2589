"""The study option that mixes practice cases back into the readers' work."""

from __future__ import annotations

from django.db import transaction

from studies.audit.record import record
from studies.errors import Conflict, StudyError
from studies.practice.practice_set import active_practice_cases
from studies.protocol.models import Study
from studies.readers.models import User

MIN_INTERVAL = 2
MAX_INTERVAL = 1000
MAX_CASES = 10


@transaction.atomic
def set_refreshers(
    *, study: Study, by: User, interval: int | None, cases: int = 1, feedback: bool = False
) -> Study:
    """Set the interval in submitted study readings and the cases of each refresher.

    Without an interval, the study has no refreshers. Raises Conflict once the study was opened or
    when the practice set is too small, and StudyError for numbers out of range.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.opened_at is not None:
        raise Conflict(
            "opened", "The study has been opened. Its refreshers can no longer be changed."
        )
    if interval is not None and not MIN_INTERVAL <= interval <= MAX_INTERVAL:
        text = f"Set an interval of {MIN_INTERVAL} to {MAX_INTERVAL} readings."
        raise StudyError("invalid", text)
    if not 1 <= cases <= MAX_CASES:
        raise StudyError("invalid", f"A refresher has 1 to {MAX_CASES} cases.")
    available = active_practice_cases(study).count()
    if interval is not None and available < cases:
        raise Conflict(
            "too_few",
            f"A refresher needs {cases} practice cases, but the practice set contains only "
            f"{available}. Add cases to the practice set first.",
        )
    study.refresher_interval = interval
    study.refresher_cases, study.refresher_feedback = cases, feedback
    study.save(update_fields=["refresher_interval", "refresher_cases", "refresher_feedback"])
    record(
        "refreshers.set", actor=by, study=study, interval=interval, cases=cases, feedback=feedback
    )
    return study
