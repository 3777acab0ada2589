from __future__ import annotations

from typing import Any

from django.db import transaction

from studies.errors import NotAllowed
from studies.protocol.design import create_study
from studies.protocol.models import Study
from studies.readers.members import add_member
from studies.readers.models import Role, User


@transaction.atomic
def create_study_with_coordinator(*, by: User, arms: list[str], **fields: Any) -> Study:
    """Create a study with its founder as coordinator."""
    if not by.may_create_studies:
        raise NotAllowed("Your account may not create studies. Ask the administrator.")
    study = create_study(actor=by, arms=arms, **fields)
    add_member(study=study, user=by, role=Role.COORDINATOR, by=by)
    return study
