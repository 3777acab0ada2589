"""Django application of cases."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "studies.cases"
    label = "cases"
