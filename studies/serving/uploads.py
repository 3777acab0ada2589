"""gunicorn's settings for uploads: ``gunicorn -c python:studies.serving.uploads``.

One process, so that its slots (VERTEREAD_UPLOAD_SLOTS) are counted in one place. The threads beyond
the slots reject requests that are not permitted and answer health checks.
"""

import os

os.environ["VERTEREAD_SERVES"] = "uploads"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studies.settings")

from django.conf import settings

wsgi_app = "studies.wsgi"
worker_class = "studies.serving.worker.Worker"
workers = 1
threads = settings.UPLOAD_SLOTS + 8
timeout = 180
keepalive = 0
control_socket_disable = True
