"""What the people of a study do, through the addresses that their browsers use."""

from __future__ import annotations

import re
import uuid
from io import BytesIO
from typing import Any

from inference.phantom import generate
from inference.phantom.export import as_dataset
from tests.containers.client import Client
from tests.containers.forms import form_with
from tests.containers.stack import wait_until

PASSWORD = "a long enough password"
WAITING = {"received", "analysing"}


def phantom_file(seed: int) -> bytes:
    """A DICOM file as a scanner writes it, with the vertebrae of a usual spine."""
    buffer = BytesIO()
    phantom = generate(seed, partial=0.0, odd_count=0.0)
    as_dataset(phantom).save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


class Person(Client):
    def sign_in(self, username: str) -> None:
        answer = self.fill_in("/accounts/login/", login=username, password=PASSWORD)
        assert "/accounts/login/" not in answer.url, answer.text


class Administrator(Person):
    def add_coordinator(self, username: str) -> None:
        self.fill_in(
            "/admin/readers/user/add/",
            username=username,
            password1=PASSWORD,
            password2=PASSWORD,
            may_create_studies="on",
        )


class Coordinator(Person):
    slug = ""

    def create_study(self, name: str) -> None:
        answer = self.fill_in("/studies/new", name=name, readers_per_case=2, washout_days=0)
        assert answer.url.endswith("/setup"), answer.text
        self.slug = answer.url.split("/")[-2]

    def add_site(self, code: str, name: str) -> None:
        answer = self.fill_in(f"/studies/{self.slug}/setup", code=code, name=name)
        assert name in answer.text

    def invite_reader(self, site: str) -> str:
        """Return the path of the invitation."""
        path = f"/studies/{self.slug}/people"
        sites = form_with(self.get(path).text, "role").options["site"]
        site_id = next(value for text, value in sites.items() if site in text)
        page = self.fill_in(path, role="reader", site=site_id).text
        link = re.search(r'value="https?://[^/"]+(/invitations/[^"]+)"', page)
        assert link, page
        return link.group(1)

    def upload_phantom(self, seed: int, *, site: str = "A") -> str:
        """Return the id of the new case, released if a person must look at it first."""
        answer = self.upload(
            f"studies/{self.slug}/uploads",
            name=f"phantom-{seed}.dcm",
            content=phantom_file(seed),
            site=site,
        )
        case = answer["results"][0]["case"]
        assert case, answer
        if "release" in case["actions"]:
            self.api("POST", f"cases/{case['id']}/release")
        return str(case["id"])

    def wait_for_analysis(self, case_id: str) -> None:
        def analysed() -> bool:
            return self.case(case_id)["state"] not in WAITING

        wait_until(analysed, f"case {case_id} analysed by the worker")
        case = self.case(case_id)
        assert case["state"] == "ready", case
        assert case["landmark_set"]["guides"], case
        if case["doubt"] and not case["doubt"]["accepted"]:
            self.api("POST", f"cases/{case_id}/accept")

    def case(self, case_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api("GET", f"cases/{case_id}")
        return found

    def pixels(self, case_id: str) -> bytes:
        return self.get(f"/api/v1/cases/{case_id}/pixels").body

    def assign_and_open(self) -> int:
        readings = self.api("POST", f"studies/{self.slug}/assign")["readings"]
        assert self.api("POST", f"studies/{self.slug}/open")["state"] == "open"
        return int(readings)

    def unblind(self, reason: str) -> None:
        self.fill_in(f"/studies/{self.slug}/agreement", reason=reason)

    def make_report(self) -> str:
        """Have the worker make a report and return the path of its PDF."""
        report_id = self.api("POST", f"studies/{self.slug}/reports")["id"]

        def row() -> dict[str, Any]:
            rows = self.api("GET", f"studies/{self.slug}/reports")["results"]
            return next(row for row in rows if row["id"] == report_id)

        wait_until(lambda: row()["url"] or row()["failure"], "the report made by the worker")
        assert row()["url"], row()
        return str(row()["url"])

    def download(self, name: str) -> bytes:
        return self.get(f"/studies/{self.slug}/downloads/{name}").body


class Reader(Person):
    def join(self, invitation: str, username: str) -> None:
        self.fill_in(
            invitation,
            username=username,
            first_name=username.title(),
            password1=PASSWORD,
            password2=PASSWORD,
        )

    def current(self, slug: str) -> dict[str, Any] | None:
        answer: dict[str, Any] = self.api("GET", f"studies/{slug}/reading")
        return answer["current"]

    def score(self, reading: dict[str, Any], scores: list[int]) -> None:
        """Open the reading and enter one score for each cell that has one here."""
        self.api("POST", f"readings/{reading['id']}/open")
        for cell, score in zip(reading["cells"], scores, strict=False):
            self.api(
                "PUT",
                f"readings/{reading['id']}/cells/{cell}",
                change_id=str(uuid.uuid4()),
                version=0,
                score=score,
            )

    def submit_reading(self, reading: dict[str, Any]) -> None:
        self.api("POST", f"readings/{reading['id']}/submit", change_id=str(uuid.uuid4()))

    def reading(self, reading_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api("GET", f"readings/{reading_id}")
        return found
