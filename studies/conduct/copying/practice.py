"""Copy the practice set of a study, with the rules of certification and refreshers."""

from __future__ import annotations

from studies.practice.certification import set_certification
from studies.practice.models import CertificationRules
from studies.practice.practice_set import add_same_phantoms
from studies.practice.refreshers.rules import set_refreshers
from studies.protocol.models import Study
from studies.readers.models import User


def copy_practice_set(*, source: Study, target: Study, by: User) -> None:
    """Copy the phantoms of the practice set and its rules.

    Cases of the study are never copied. If too few practice cases remain, certification is not
    required in the copy, although its rules are copied, and refreshers are switched off.
    """
    phantoms = add_same_phantoms(study=target, source=source, by=by)
    rules = CertificationRules.objects.filter(study=source).first()
    if rules is not None:
        set_certification(
            study=target,
            by=by,
            required=source.certification_required and phantoms >= rules.cases,
            measure=rules.measure,
            threshold=rules.threshold,
            cases=rules.cases,
            attempts=rules.attempts,
        )
    if source.refresher_interval is not None and phantoms >= source.refresher_cases:
        set_refreshers(
            study=target,
            by=by,
            interval=source.refresher_interval,
            cases=source.refresher_cases,
            feedback=source.refresher_feedback,
        )
