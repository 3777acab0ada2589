"""Creates a database of version 0.1.0 with studies in every state; runs in that version's checkout.

Every row is written by the actions of 0.1.0, except the reports and bootstraps that wait or failed.
The last line of the output is what 0.1.0 shows of the studies, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from typing import Any
from uuid import uuid4

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "studies.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import QueryDict  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from studies.analytics.scale import CELLS  # noqa: E402
from studies.cases.ingest import take_in_file  # noqa: E402
from studies.cases.landmarks import accept_doubt, flip_side, shift_levels, take_again  # noqa: E402
from studies.cases.models import Case, LandmarkSet, Upload  # noqa: E402
from studies.cases.review import exclude_case, refuse_case  # noqa: E402
from studies.protocol.models import Study  # noqa: E402
from studies.readers.invitations import invite, revoke_invitation  # noqa: E402
from studies.readers.members import add_member, set_active  # noqa: E402
from studies.readers.models import Membership, Role  # noqa: E402
from studies.reports.bootstrap_runs import (  # noqa: E402
    ask_for_bootstrap,
    begin_bootstrap,
    compute_intervals,
)
from studies.reports.choices import chosen_from  # noqa: E402
from studies.reports.cut import current_cut  # noqa: E402
from studies.reports.models import BootstrapRun, ReportRun  # noqa: E402
from studies.reports.runs import look_before_lock  # noqa: E402
from studies.reports.truth import keep_true_grades  # noqa: E402
from studies.sessions.conduct import deal_lists, lock_study, open_study, pause_study  # noqa: E402
from studies.sessions.models import Reading, Score  # noqa: E402
from studies.sessions.reading import (  # noqa: E402
    add_time,
    open_reading,
    reopen_reading,
    save_cell,
    save_comment,
    submit_reading,
)
from tests.make import Cast, dicom_bytes, make_case, make_site, make_study  # noqa: E402

UNFINISHED = 3
LOCKED_CASES = 6
FIRST_ANSWER = {"keys": {"next": "n"}, "windows": {"bone": {"center": 90, "width": 40}}}


def main() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    call_command("migrate", verbosity=0)
    store_complete_landmarks()
    cast = Cast()
    running = fill_running_study(cast)
    paused = fill_small_study(cast, "Paused trial")
    pause_study(study=paused, by=cast.coordinator)
    locked = fill_locked_study(cast)
    sys.stdout.write("\n" + json.dumps({"running": running, "locked": locked}) + "\n")


def store_complete_landmarks() -> None:
    """Store what the network stores; the test data of 0.1.0 had only the keys that it used."""
    create = LandmarkSet.objects.create
    levels = ("T12", "L1", "L2", "L3", "L4", "L5")
    guide = {
        "name": "T12/L1",
        "kind": "guide",
        "posterior": [20.0, 20.0],
        "anterior": [35.0, 20.0],
        "end": [42.5, 20.0],
    }
    complete = {
        "guides": [guide],
        "morphometry": {**dict.fromkeys(levels), "lordosis_deg": None},
    }

    def create_complete(**values: Any) -> LandmarkSet:
        return create(**values | (complete if values["source"] == "model" else {}))

    LandmarkSet.objects.create = create_complete


def fill_running_study(cast: Cast) -> dict[str, Any]:
    """Fill a study with cases in every state, and with two readers who have begun to read."""
    study, site, clara = cast.study, cast.site, cast.coordinator
    for number in range(5):
        make_case(study, site, aorta="borderline" if number == 0 else "ok")
    doubt = {"reason": "gap", "detail": "A gap in the column."}
    accepted, uncertain = (make_case(study, site, doubt=doubt) for _ in range(2))
    accept_doubt(case=accepted, actor=clara)
    relabelled = shift_levels(case=uncertain, by=1, actor=clara)
    take_again(case=uncertain, version=1, based_on=relabelled.version, actor=clara)
    make_case(study, site, doubt=doubt)
    flip_side(case=accepted, actor=clara)
    for state in ("received", "analysing", "failed"):
        make_case(study, site, state=state)
    exclude_case(case=make_case(study, site), actor=clara, reason="wrong projection")
    refuse_case(case=make_case(study, site, state="held"), actor=clara, reason="shows a name")
    add_uploads(cast)
    deal_lists(study=study, by=clara)
    cast.study = open_study(study=study, by=clara)

    rita, rolf = cast.reader, cast.other_reader
    first = read(rita, 2)
    read(rita, 1)
    reopen_reading(reading=Reading.objects.get(pk=first), by=clara, reason="L3 was missed.")
    read(rolf, 0)
    started = read(rolf, 3, cells=UNFINISHED)
    exclude_case(case=latest_submitted(rolf).case, actor=clara, reason="withdrew consent")
    look_before_lock(study=cast.study, by=cast.statistician, reason="Safety board")

    invite(study=study, role=Role.READER, site=site, note="Dr Roe", by=clara)
    withdrawn, _ = invite(study=study, role=Role.STATISTICIAN, site=None, note="", by=clara)
    revoke_invitation(invitation=withdrawn, by=clara)
    set_active(
        membership=Membership.objects.get(study=study, user=cast.site_coordinator),
        active=False,
        by=clara,
    )
    rita.user.preferences = FIRST_ANSWER
    rita.user.save()
    return {"reopened": str(first), "started": str(started)}


def add_uploads(cast: Cast) -> None:
    """Upload files with every result, through the de-identification of 0.1.0."""
    files = {
        "good.dcm": dicom_bytes(PatientID="MRN-1"),
        "again.dcm": dicom_bytes(PatientID="MRN-1"),
        "held.dcm": dicom_bytes(PatientID="MRN-2", BurnedInAnnotation="YES",
                                PixelData=bytes(range(128)) * 80),
        "notes.txt": b"no image",
    }  # fmt: skip
    for name, data in files.items():
        take_in_file(
            study=cast.study, site=cast.site, data=data, name=name, uploader=cast.coordinator
        )
    statuses = set(Upload.objects.values_list("status", flat=True))
    assert statuses == {"accepted", "duplicate", "held", "refused"}, statuses


def read(reader: Membership, score: int, *, cells: int = len(CELLS)) -> Any:
    """Score the reader's current case; submit it if all cells are scored."""
    waiting = Reading.objects.filter(reading_list__reader=reader, reading_list__period=1)
    reading = waiting.exclude(state="submitted").order_by("position").first()
    request: dict[str, Any] = {"user": reader.user, "pk": reading.pk}
    open_reading(**request)
    for cell in CELLS[:cells]:
        value = {"validity": 4, "reason": "low contrast"} if cell == CELLS[1] else {"score": score}
        save_cell(**request, cell=cell, change_id=uuid4(), version=0, **value)
    add_time(**request, change_id=uuid4(), active_ms=900, idle_ms=100, guides_ms=500)
    save_comment(**request, change_id=uuid4(), version=0, text="scoliosis")
    if cells == len(CELLS):
        submit_reading(**request, change_id=uuid4())
    return reading.pk


def latest_submitted(reader: Membership) -> Reading:
    submitted = Reading.objects.filter(reading_list__reader=reader, state="submitted")
    return submitted.select_related("case").latest("submitted_at")


def fill_small_study(cast: Cast, name: str, cases: int = 2) -> Study:
    """Create an open study with the readers of the cast."""
    study = make_study(cast.coordinator, name=name)
    sites = [make_site(study, "A"), make_site(study, "B")]
    for number, reader in enumerate((cast.reader, cast.other_reader)):
        add_member(study=study, user=reader.user, role=Role.READER, site=sites[number])
    add_member(study=study, user=cast.statistician, role=Role.STATISTICIAN)
    for number in range(cases):
        make_case(study, sites[number % 2])
    deal_lists(study=study, by=cast.coordinator)
    return open_study(study=study, by=cast.coordinator)


def fill_locked_study(cast: Cast) -> dict[str, Any]:
    """Create a study that was read to the end, with a reference standard, results and a report."""
    study = fill_small_study(cast, "Locked trial", LOCKED_CASES)
    cases = list(Case.objects.filter(study=study).order_by("label"))
    truth = {
        case.pk: {cell: (number + index) % 4 for index, cell in enumerate(CELLS)}
        for number, case in enumerate(cases)
    }
    keep_true_grades(study=study, grades=truth, source="consensus")
    for index, reading in enumerate(Reading.objects.filter(reading_list__study=study)):
        submit_with_slips(reading, truth[reading.case_id], index)
    one = Reading.objects.filter(reading_list__study=study, reading_list__period=2).first()
    reopen_reading_and_submit_again(one, cast)
    study = lock_study(study=study, by=cast.coordinator)
    add_runs(study, cast)
    shown = get_json(cast.statistician, study, "agreement")
    everything = get_client(cast.statistician).get(
        f"/studies/{study.slug}/downloads/agreement.json"
    )
    return {
        "agreement": shown,
        "statistics": json.loads(b"".join(everything)),
        "csv": b"".join(
            get_client(cast.statistician).get(f"/studies/{study.slug}/downloads/readings.csv")
        ).decode(),
    }


def submit_with_slips(reading: Reading, truth: dict[str, int], index: int) -> None:
    """Submit a reading that differs from the truth in some cells; one cell is not readable."""
    Score.objects.bulk_create(
        Score(reading=reading, cell=cell, validity=0,
              score=min(3, truth[cell] + ((index * 5 + number) % 7 == 0)))
        if (index, number) != (4, 2)
        else Score(reading=reading, cell=cell, validity=4, reason="overlap")
        for number, cell in enumerate(CELLS)
    )  # fmt: skip
    reading.opened_at = timezone.now() - timedelta(days=40 - index)
    reading.submitted_at = reading.opened_at + timedelta(minutes=6)
    reading.active_ms, reading.idle_ms = 200_000 + 1000 * index, 20_000
    reading.state = Reading.State.SUBMITTED
    reading.save()


def reopen_reading_and_submit_again(reading: Reading, cast: Cast) -> None:
    """Reopen a reading, which 0.1.0 permits while the reader has not opened the other arm."""
    others = Reading.objects.filter(
        case=reading.case, reading_list__reader=reading.reading_list.reader
    ).exclude(pk=reading.pk)
    opened = {other.pk: other.opened_at for other in others}
    # The constraint ties the dates of submitted readings, so that their state waits as well.
    others.update(state="waiting", opened_at=None, submitted_at=None)
    submitted_at = reading.submitted_at
    reopen_reading(reading=reading, by=cast.coordinator, reason="wrong side")
    Reading.objects.filter(pk=reading.pk).update(state="submitted", submitted_at=submitted_at)
    for pk, at in opened.items():
        Reading.objects.filter(pk=pk).update(
            state="submitted", opened_at=at, submitted_at=at + timedelta(minutes=6)
        )


def add_runs(study: Study, cast: Cast) -> None:
    """Add reports and bootstraps in every state; one bootstrap is computed."""
    now = timezone.now()
    run: dict[str, Any] = {"study": study, "by": cast.statistician, "data_cut": study.locked_at}
    for state in ("queued", "making"):
        ReportRun.objects.create(**run, state=state)
    ReportRun.objects.create(**run, state="failed", failure="The disk was full.")
    done = ReportRun(**run, state="done", made_at=now, steps=5, steps_done=5)
    done.document.save("report.pdf", ContentFile(b"%PDF-1.7 of 0.1.0"), save=False)
    done.page.save("report.html", ContentFile(b"<p>of 0.1.0</p>"), save=False)
    done.save()

    selection = chosen_from(QueryDict(""), current_cut(study))
    bootstrap, _ = ask_for_bootstrap(study=study, by=cast.statistician, chosen=selection)
    begun = begin_bootstrap(pk=str(bootstrap.pk))
    compute_intervals(run=begun)
    for state in ("queued", "computing", "failed"):
        BootstrapRun.objects.create(
            study=study,
            by=cast.statistician,
            key=state,
            choice="outcome=cells&weights=linear",
            data_hash="d" * 64,
            seed=7,
            resamples=2000,
            state=state,
            failure="Nothing was heard." if state == "failed" else "",
        )


def get_client(user: Any) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def get_json(user: Any, study: Study, address: str) -> Any:
    response = get_client(user).get(f"/api/v1/studies/{study.slug}/{address}")
    assert response.status_code == 200, response.content
    return response.json()


if __name__ == "__main__":
    main()
