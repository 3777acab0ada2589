from django.apps import AppConfig


class ReadersConfig(AppConfig):
    name = "studies.readers"
    label = "readers"
