"""A study that stays as it is until the transaction ends."""

from __future__ import annotations

from studies.protocol.models import Study


def held_study(pk: int) -> Study:
    """The study under a share lock.

    Those who hold it don't wait for each other, and a lock of the study waits for them all.
    """
    query = f"SELECT * FROM {Study._meta.db_table} WHERE id = %s FOR SHARE"
    return Study.objects.raw(query, [pk])[0]
