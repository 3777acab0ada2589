"""Django application of emails about the progress of a study."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "studies.notifications"
    label = "notifications"
