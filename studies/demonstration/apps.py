from django.apps import AppConfig


class DemonstrationConfig(AppConfig):
    name = "studies.demonstration"
    label = "demonstration"
