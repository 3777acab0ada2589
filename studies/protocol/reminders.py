"""The setting of reminders by email, which can be changed while readers read."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from studies.audit.record import record
from studies.errors import Conflict
from studies.protocol.models import Study


@transaction.atomic
def change_reminders(*, study: Study, actor: Any, after_days: int, limit: int) -> Study:
    """Change after how many idle days a reader is reminded, and how often.

    Not part of the design: reminders affect neither assignment nor scores. Raises Conflict after
    the lock.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.locked:
        raise Conflict("locked", "The study is locked. Its readers are no longer reminded.")
    study.reminder_after_days, study.reminder_limit = after_days, limit
    study.full_clean()
    study.save(update_fields=["reminder_after_days", "reminder_limit"])
    record("study.reminders_changed", actor=actor, study=study, after_days=after_days, limit=limit)
    return study
