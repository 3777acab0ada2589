"""Django application of fine-tuning, with the pages of all models."""

from django.apps import AppConfig


class FineTuningConfig(AppConfig):
    name = "studies.fine_tuning"
    label = "fine_tuning"
