"""Django application of the administration pages; it has commands but no tables."""

from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "studies.administration"
    label = "administration"
