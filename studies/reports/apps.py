from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "studies.reports"
    label = "reports"
