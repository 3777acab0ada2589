"""The Celery application: ``celery -A studies.celery worker``."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, heartbeat_sent
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studies.settings")

app = Celery("verteread")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def set_worker_concurrency(conf: Any, options: dict[str, Any], **_: Any) -> None:
    """Let the command line override the setting, because threads are divided by it."""
    if options.get("concurrency"):
        conf.worker_concurrency = options["concurrency"]


@heartbeat_sent.connect
def touch_heartbeat_file(**_: Any) -> None:
    """Record that this worker is connected, for ``studies.monitoring.worker_health``."""
    if settings.HEARTBEAT_FILE:
        # A file, because a check over the broker would restart workers whenever the broker is away.
        Path(settings.HEARTBEAT_FILE).touch()
