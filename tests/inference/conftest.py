"""Run property tests without a deadline, so that they do not fail on a busy machine."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
