"""The WSGI application, which gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from studies.environment import check_required

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studies.settings")
check_required("DATABASE_URL", "CELERY_BROKER_URL")
application = get_wsgi_application()
