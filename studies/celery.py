"""The Celery application: ``celery -A studies.celery worker``."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studies.settings")

app = Celery("verteread")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
