from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "studies.sessions"
    label = "reading_sessions"
