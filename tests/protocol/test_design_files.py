"""The design of a study as a JSON file, and studies that are created from one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studies.audit.models import Event
from studies.errors import StudyError
from studies.protocol.design import DESIGN_FIELDS
from studies.protocol.design_files import MAX_BYTES, read_design
from studies.protocol.models import Study
from tests.make import Cast

pytestmark = pytest.mark.django_db


def download(client: Any, cast: Cast, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/studies/{cast.study.slug}/design.json{query}")
    assert "attachment" in answer["Content-Disposition"]
    return json.loads(answer.content)


def upload(client: Any, document: Any) -> Any:
    sent = {"design": json.dumps(document)}
    return client.post("/studies/import", sent, format="multipart", follow=True)


def test_imported_study_has_the_design_and_sites_of_the_exported_one(client_of):
    cast = Cast(
        arms=["unguided", "guided", "measured"], primary_arm="guided", comparator_arm="unguided",
        stratified=True, hidden_repeats=3, washout_days=9,
    )  # fmt: skip
    client = client_of(cast.coordinator)
    document = download(client, cast)
    assert "seed" not in document["design"]
    assert not {"key", "date_shift_days", "slug", "state"} & set(document["design"])
    page = upload(client, document).content.decode()
    assert "Check its name and design" in page
    copy = Study.objects.latest("pk")
    assert copy != cast.study
    for name in DESIGN_FIELDS:
        if name != "seed":
            assert getattr(copy, name) == getattr(cast.study, name), name
    assert copy.seed != cast.study.seed
    assert [arm.code for arm in copy.arms.all()] == [arm.code for arm in cast.study.arms.all()]
    sites = [list(study.sites.values_list("code", "name")) for study in (copy, cast.study)]
    assert sites[0] == sites[1]
    assert copy.key != cast.study.key
    actions = set(Event.objects.values_list("action", flat=True))
    assert {"study.design_exported", "study.design_imported"} <= actions


def test_share_of_hidden_repeats_is_exported_and_imported(client_of):
    cast = Cast(hidden_repeat_share=15)
    client = client_of(cast.coordinator)
    document = download(client, cast)
    assert document["design"]["hidden_repeat_share"] == 15
    upload(client, document)
    assert Study.objects.latest("pk").hidden_repeat_share == 15
    # A file of an earlier version has the number alone.
    del document["design"]["hidden_repeat_share"]
    document["design"]["hidden_repeats"] = 4
    upload(client, document)
    copy = Study.objects.latest("pk")
    assert (copy.hidden_repeats, copy.hidden_repeat_share) == (4, 0)
    document["design"]["hidden_repeat_share"] = 15
    page = upload(client, document).content.decode()
    assert "as a number or as a share of the cases, not as both" in page
    assert Study.objects.latest("pk") == copy


def test_seed_is_exported_and_used_again_only_on_request(client_of):
    cast = Cast(seed=4711)
    client = client_of(cast.coordinator)
    document = download(client, cast, "?seed=1")
    assert document["design"]["seed"] == 4711
    upload(client, document)
    assert Study.objects.latest("pk").seed == 4711


def minimal(**changes: Any) -> dict[str, Any]:
    document = {
        "format": "verteread-design", "version": 1, "name": "Copy", "arms": ["guided"],
        "sites": [], "design": {"design": "single_arm"},
    }  # fmt: skip
    return document | changes


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"\xff", "It is not a JSON file"),
        (b"[" * 60_000, "It is not a JSON file"),
        (b" " * (MAX_BYTES + 1), "A design file can have at most 64 KiB"),
        ([], "an object with named values"),
        (minimal(format="other"), "Its “format” is not"),
        (minimal(version=2), "Its version is not 1"),
        (minimal(version=True), "Its version is not 1"),
        (minimal(secret=1), "has no field “secret”"),
        (minimal(design={"key": "x"}), "has no field “key”"),
        (minimal(design={"washout_days": 9999}), "washout_days: Ensure this value"),
        (minimal(design={"washout_days": "many"}), "washout_days: "),
        (minimal(design={"washout_days": True}), "washout_days: this value is not allowed"),
        (minimal(design={"washout_days": [1]}), "washout_days: this value is not allowed"),
        (minimal(design={"design": "other"}), "design: "),
        (minimal(name=None), "name: this value is not allowed"),
        (minimal(name="a\x00b"), "name: this value is not allowed"),
        (minimal(arms=["other"]), "arms: list one or more of"),
        (minimal(arms=["guided", "guided"]), "arms: list each arm once"),
        (minimal(arms=["guided", "unguided"]), "A single-arm study has one arm"),
        (minimal(sites={}), "sites: list at most"),
        (minimal(sites=[{"code": "A"}]), "sites: each site has a code and a name"),
        (minimal(sites=[{"code": "A B", "name": "x"}]), "Letters, digits and hyphens only"),
        (minimal(sites=[{"code": "A", "name": "x"}] * 2), "the code A occurs twice"),
    ],
)  # fmt: skip
def test_file_that_is_no_design_is_refused_with_the_reason(document, reason):
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(StudyError, match=reason.replace("(", r"\(")):
        read_design(content)


def test_page_states_why_nothing_was_imported(client_of):
    cast = Cast()
    studies = Study.objects.count()
    client = client_of(cast.coordinator)
    assert "Its version is not 1" in upload(client, minimal(version=3)).content.decode()
    page = client.post("/studies/import", {}, format="multipart", follow=True).content.decode()
    assert "Paste the contents of a design file" in page
    group_limits = {"moderate_from": 9, "high_from": 3, "design": "single_arm"}
    page = upload(client, minimal(design=group_limits)).content.decode()
    assert "must start above the moderate group" in page
    assert Study.objects.count() == studies


def test_study_named_import_does_not_take_the_address_of_the_page(client_of):
    cast = Cast(name="Import")
    assert cast.study.slug == "import-2"
