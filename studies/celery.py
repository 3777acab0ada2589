"""The Celery application: ``celery -A studies.celery worker``."""

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studies.settings")

app = Celery("verteread")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def remember_how_many_work(conf: Any, options: dict[str, Any], **_: Any) -> None:
    """What the command line says counts: a process's threads are chosen by it."""
    if options.get("concurrency"):
        conf.worker_concurrency = options["concurrency"]
