"""Django application of the audit trail."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "studies.audit"
    label = "audit"
