import pytest

from studies.heartbeat import KEY, Heartbeat, publish_heartbeat

pytestmark = pytest.mark.django_db


def test_health_names_each_part(client):
    answer = client.get("/healthz").json()
    assert set(answer) == {"status", "database", "broker", "worker", "storage", "model"}
    assert answer["database"] == answer["broker"] == answer["storage"] == "ok"


def test_worker_is_healthy_only_while_its_heart_beats(client):
    from django.core.cache import cache

    cache.delete(KEY)
    assert client.get("/healthz").status_code == 503
    assert client.get("/healthz").json()["worker"].startswith("failing")
    publish_heartbeat(Heartbeat())
    assert client.get("/healthz").json()["worker"] == "ok"


def test_storage_that_is_gone_is_named(client, settings, tmp_path):
    settings.STORAGE = tmp_path / "gone"
    assert client.get("/healthz").json()["storage"].startswith("failing")
