"""A reader of a study with refreshers."""

from __future__ import annotations

import pytest

from tests.practice.refreshers.people import set_up_refreshers
from tests.sessions.reading_room import Room


@pytest.fixture
def room(cast, client_of):
    """The room of a reader with five cases per period and one practice case after every two."""
    set_up_refreshers(cast)
    cast.assign_cases(5)
    return Room(client_of(cast.reader.user), cast.study.slug)
