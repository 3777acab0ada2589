from django.apps import AppConfig


class ProtocolConfig(AppConfig):
    name = "studies.protocol"
    label = "protocol"
