"""Row lock that keeps a study from being locked until the transaction ends."""

from __future__ import annotations

from studies.protocol.models import Study


def lock_study_row(pk: int) -> Study:
    """Return the study under a share lock; call it inside a transaction.

    Share locks do not conflict with each other, so concurrent saves do not wait. The
    database lock of the study updates its row and waits for all of them.
    """
    # The ORM has no FOR SHARE, and FOR UPDATE would make concurrent saves wait for each other.
    query = f"SELECT * FROM {Study._meta.db_table} WHERE id = %s FOR SHARE"
    return Study.objects.raw(query, [pk])[0]
