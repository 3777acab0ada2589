"""Django application of outgoing email."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "studies.mail"
    label = "mail"
    verbose_name = "Mail"
