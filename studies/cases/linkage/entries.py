"""The linkage list of a study: which case was made from which file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import QuerySet

from studies.audit.record import record
from studies.cases.dicom.identifiers import Identifiers
from studies.cases.linkage.encryption import decrypt, encrypt, has_key, rotate
from studies.cases.models import Case, LinkageEntry
from studies.errors import Conflict
from studies.protocol.models import Study
from studies.readers.models import Membership, User

ENTRIES_PER_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class LinkedCase:
    """A case with the identifiers of its file; they are "" if no key decrypts them."""

    case: str
    site: str
    readable: bool
    patient_id: str = field(default="", repr=False)
    accession_number: str = field(default="", repr=False)
    file_name: str = field(default="", repr=False)


@transaction.atomic
def keep_linkage(*, study: Study, by: User) -> Study:
    """Keep a linkage list from now on. Raises Conflict without a key, and once there are cases."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    if not has_key():
        raise Conflict(
            "no_linkage_key",
            "This installation has no key for linkage lists. Ask the administrator to set "
            "VERTEREAD_LINKAGE_KEY.",
        )
    if study.linkage:
        return study
    if study.cases.exists():
        raise Conflict(
            "cases_exist",
            "Images have been uploaded without a linkage list, so it would be incomplete. It can "
            "only be switched on before the first upload.",
        )
    study.linkage = True
    study.save(update_fields=["linkage"])
    record("linkage.switched_on", actor=by, study=study)
    return study


@transaction.atomic
def delete_linkage(*, study: Study, by: User) -> int:
    """Delete the linkage list permanently and keep no further identifiers; return its length."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    count, _ = LinkageEntry.objects.filter(case__study=study).delete()
    if study.linkage:
        study.linkage = False
        study.save(update_fields=["linkage"])
        record("linkage.deleted", actor=by, study=study, entries=count)
    return count


def store_identifiers(*, case: Case, identifiers: Identifiers, file_name: str) -> None:
    """Store the identifiers of the file that a case, or its present version, was made from.

    Call it in the transaction that writes the case. Studies without a linkage list keep nothing.
    """
    if not Study.objects.filter(pk=case.study_id, linkage=True).exists():
        return
    values = {
        "patient_id": identifiers.patient_id,
        "accession_number": identifiers.accession_number,
        "file_name": file_name,
    }
    token = encrypt(str(case.pk), values)
    LinkageEntry.objects.update_or_create(case=case, defaults={"identifiers": token})


def delete_entry(*, case: Case) -> None:
    """Delete the entry of a rejected case."""
    LinkageEntry.objects.filter(case=case).delete()


def visible_entries(membership: Membership) -> QuerySet[LinkageEntry]:
    """Return the entries of the cases that a coordinator sees."""
    cases = Case.objects.seen_by(membership).order_by().values("pk")
    entries = LinkageEntry.objects.filter(case__in=cases)
    return entries.select_related("case__site").order_by("case__label")


def entry_page(membership: Membership, number: str) -> Page[LinkageEntry]:
    """Return one page of the list; an unknown page gives the nearest one."""
    return Paginator(visible_entries(membership), ENTRIES_PER_PAGE).get_page(number)


def read_entries(entries: Iterable[LinkageEntry]) -> list[LinkedCase]:
    """Return entries with their identifiers, decrypted."""
    return [_read(entry) for entry in entries]


@transaction.atomic
def rotate_entries() -> tuple[int, int]:
    """Encrypt all entries anew with the first key; return how many were, and were not, possible."""
    done = failed = 0
    for entry in LinkageEntry.objects.select_for_update().iterator(chunk_size=500):
        token = rotate(bytes(entry.identifiers))
        if token is None:
            failed += 1
            continue
        entry.identifiers = token
        entry.save(update_fields=["identifiers"])
        done += 1
    record("linkage.keys_rotated", entries=done, unreadable=failed)
    return done, failed


def _read(entry: Any) -> LinkedCase:
    values = decrypt(str(entry.case_id), bytes(entry.identifiers))
    site = entry.case.site.code
    if values is None:
        return LinkedCase(entry.case.label, site, readable=False)
    return LinkedCase(entry.case.label, site, readable=True, **values)
