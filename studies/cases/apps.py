from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "studies.cases"
    label = "cases"
