"""Store a new version of a study's report details, and return the current one."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from studies.audit.record import record
from studies.errors import Conflict
from studies.protocol.models import Study
from studies.readers.models import User
from studies.reports.models import ReportDetails

FIELDS: Final = (
    "authors", "funding", "registration", "ethics", "rationale", "subject_population",
    "subject_sampling", "reader_population", "reader_sampling", "sample_size",
)  # fmt: skip


def current_details(study: Study) -> ReportDetails | None:
    """Return the newest version of the report details; None if there is none."""
    return ReportDetails.objects.filter(study=study).order_by("-version").first()


@transaction.atomic
def change_details(*, study: Study, by: User, version: int, texts: dict[str, str]) -> ReportDetails:
    """Store the texts as the next version, also after the lock; return the current one.

    Parameters
    ----------
    version
        The version that the person was shown, 0 for none.
    texts
        Text of each field.

    Raises
    ------
    Conflict
        Another person has stored a version in the meantime.
    """
    # ``no_key``: rows that refer to the study, such as saved scores, can still be inserted.
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    current = current_details(study)
    stored = {name: getattr(current, name, "") for name in FIELDS}
    changed = sorted(name for name in FIELDS if texts[name] != stored[name])
    if current is not None and not changed:
        return current
    if (current.version if current else 0) != version:
        raise Conflict(
            "details_changed",
            "The report details were changed in the meantime. Your changes were not saved. Copy "
            "them, reload the page and enter them again.",
        )
    details = ReportDetails(study=study, version=version + 1, by=by, **texts)
    details.full_clean(exclude=["study", "by"])
    details.save()
    record(
        "report_details.changed",
        actor=by,
        study=study,
        subject=details.version,
        fields=changed,
    )
    return details
