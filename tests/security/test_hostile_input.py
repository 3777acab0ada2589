"""Bodies, texts and invitations that must be rejected."""

from __future__ import annotations

from typing import Any

import pytest

from studies.readers import invitations
from studies.readers.invitations import create_invitation
from studies.readers.models import Role, User
from tests.make import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"keys": {"a\\u0000": "x"}}', 400),
        (b'{"windows": {"a": {"center": 1e999, "width": 5}}}', 400),
        (b"[" * 100_000, 400),
        (b'{"keys": {' + b",".join(b'"%d": "x"' % n for n in range(999)) + b"}}", 400),
        (b'{"keys": {"' + b"x" * 999 + b'": "x"}}', 400),
        (b'{"keys": {}, "x": "' + b"a" * 300_000 + b'"}', 413),
    ],
)
def test_body_that_cannot_be_kept_is_refused(body, status, cast, client):
    client.force_login(cast.coordinator)
    answer = client.put("/api/v1/me/preferences", body, content_type="application/json")
    assert (answer.status_code, "error" in answer.json()) == (status, True)


def test_nul_is_no_text(cast, client):
    client.force_login(cast.coordinator)
    slug = cast.study.slug
    for url in (f"/studies/{slug}/cases?q=%00", f"/api/v1/studies/{slug}/cases?site=%00"):
        assert client.get(url).status_code == 400
    assert client.post(f"/studies/{slug}/sites/%00/remove").status_code == 400
    client.post(f"/studies/{slug}/sites", {"code": "C", "name": "a\0b"})
    assert cast.study.sites.count() == 2


def test_invitation_that_was_just_used_leaves_no_second_account(cast, client, monkeypatch):
    _, token = create_invitation(
        study=cast.study, role=Role.READER, site=cast.site, note="", by=cast.coordinator
    )
    accept = invitations.accept_invitation

    def after_somebody_else(*, token: str, user: User) -> Any:
        accept(token=token, user=make_user("nils"))
        return accept(token=token, user=user)

    monkeypatch.setattr(invitations, "accept_invitation", after_somebody_else)
    words = {"password1": "seven large herons", "password2": "seven large herons"}
    answer = client.post(f"/invitations/{token}", {"username": "n", "time_zone": "UTC", **words})
    assert answer.status_code == 404
    assert not User.objects.filter(username="n").exists()


def test_invitation_of_somebody_who_left_does_not_work(cast, client):
    _, token = create_invitation(
        study=cast.study, role=Role.READER, site=cast.site, note="", by=cast.coordinator
    )
    assert client.get(f"/invitations/{token}").status_code == 200
    cast.study.memberships.filter(user=cast.coordinator).update(active=False)
    assert client.get(f"/invitations/{token}").status_code == 404
