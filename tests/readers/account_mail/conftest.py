from tests.mail.conftest import inbox  # noqa: F401
