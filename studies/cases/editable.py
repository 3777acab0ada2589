from studies.cases.models import Case
from studies.errors import Conflict
from studies.protocol.models import Study
from studies.protocol.study_lock import held_study


def changeable_case(case: Case) -> Case:
    """The case with its row locked; raises Conflict once the study is locked.

    The study is held, so that its lock does not come between this look and the change.
    """
    check_study_changeable(held_study(case.study_id))
    return Case.objects.select_for_update(of=("self",)).select_related("study").get(pk=case.pk)


def check_study_changeable(study: Study) -> None:
    if study.locked:
        raise Conflict("locked", "The study is locked: its cases can be changed no more.")
