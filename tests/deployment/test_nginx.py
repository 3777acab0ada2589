"""nginx.conf, which only a running nginx could check whole."""

from __future__ import annotations

import re

from tests.deployment.conftest import DOCKER


def test_every_request_goes_to_the_address_that_is_looked_up_again() -> None:
    """A fixed name would keep the address that the web container had when nginx started."""
    targets = re.findall(r"proxy_pass\s+(\S+);", (DOCKER / "nginx.conf").read_text())
    assert targets
    assert set(targets) == {"http://$web"}
