"""An upgrade of a database with data from the previous migrations."""

from __future__ import annotations

import re

from tests.containers.engine import OURS
from tests.containers.stack import Stack
from tests.containers.study import ReadStudy
from tests.containers.test_story import wait_until_healthy

PLAN_LINE = re.compile(r"\[.\]\s+(\w+)\.(\w+)")
OTHERS = {"account", "admin", "auth", "contenttypes", "sessions"}


def test_database_of_the_previous_migrations_is_upgraded_with_its_data(
    stack: Stack, study: ReadStudy
) -> None:
    targets = previous_migrations(stack.manage("showmigrations", "--plan"))
    assert targets
    for service in OURS:
        stack.stop(service)
    for app, previous in targets:
        stack.manage("migrate", "--no-input", app, previous)
    assert "[ ]" in stack.manage("showmigrations", "--plan")
    stack.migrate()
    assert "[ ]" not in stack.manage("showmigrations", "--plan")
    for service in OURS:
        stack.start_again(service)
    wait_until_healthy(stack)
    study.assert_unchanged()
    study.assert_new_upload_is_analysed()


def previous_migrations(plan: str) -> list[tuple[str, str]]:
    """Return the second newest migration of each app, in reverse order of the plan.

    Apps whose newest migration is an initial one are left out: they had no earlier state.
    """
    by_app: dict[str, list[str]] = {}
    for app, name in PLAN_LINE.findall(plan):
        names = by_app.pop(app, [])
        by_app[app] = [*names, name]
    return [
        (app, names[-2])
        for app, names in reversed(by_app.items())
        if app not in OTHERS and not names[-1].endswith("_initial")
    ]
