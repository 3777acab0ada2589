from __future__ import annotations

from tests.make import Cast


def test_endpoint_answers_in_its_only_format(cast: Cast, client_of):
    case = cast.assign_cases(1)[0]
    client = client_of(cast.coordinator)
    thumbnail = client.get(f"/api/v1/cases/{case.pk}/thumbnail", headers={"Accept": "image/png"})
    assert (thumbnail.status_code, thumbnail["Content-Type"]) == (200, "image/png")
    listed = client.get(f"/api/v1/cases/{case.pk}?format=xml", headers={"Accept": "text/html"})
    assert (listed.status_code, listed["Content-Type"]) == (200, "application/json")
    schema = client.get("/api/v1/schema/?format=json")
    assert schema["Content-Type"].startswith("application/vnd.oai.openapi+json")
