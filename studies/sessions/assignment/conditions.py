"""What an assignment needs: enough readers, and enough cases for the hidden repeats."""

from __future__ import annotations

from studies.sessions.assignment.orders import min_cases, spacing_in_cases


def explain_too_few_readers(readers: int, *, readers_per_case: int, groups: int = 1) -> str:
    """Return why there are too few readers, "" if there are enough.

    ``groups`` is the number of parallel groups, each of which reads every case.
    """
    if 1 <= readers_per_case * groups <= readers:
        return ""
    needed = count_readers(readers_per_case)
    if groups > 1:
        needed += f" in each of the {groups} groups, {readers_per_case * groups} in all"
    return (
        f"Each case needs {needed}, but the study has {readers}. "
        "Invite more readers or reduce the number of readers per case."
    )


def explain_too_few_cases(
    cases: int, *, repeats: int, spacing: int, sequential: bool = False
) -> str:
    """Return why a reader's first batch is too small for the hidden repeats, "" if it is not.

    ``spacing`` counts readings, of which a case has two in a sequential study.
    """
    needed = min_cases(repeats, spacing_in_cases(spacing, sequential=sequential))
    if cases >= needed:
        return ""
    return (
        f"For {repeats} hidden {'repeat' if repeats == 1 else 'repeats'} at least {spacing} "
        f"readings later, each reader needs {needed} cases in the first batch, but would have only "
        f"{cases}. Add cases, or reduce the hidden repeats or their spacing in the design."
    )


def count_readers(number: int) -> str:
    """Return a number of readers in words."""
    return "1 reader" if number == 1 else f"{number} readers"
