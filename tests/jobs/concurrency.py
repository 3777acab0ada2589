"""Calls at the same moment."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

from django.db import connection


def at_once(*calls: Any) -> None:
    """Run the calls at the same moment, each on its own connection."""
    begin = Barrier(len(calls))

    def run(call: Any) -> None:
        try:
            begin.wait(30)
            call()
        finally:
            connection.close()

    threads = [Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
