"""Django application of the model registry."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "studies.registry"
    label = "registry"
