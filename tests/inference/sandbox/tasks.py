"""Define misbehaving tasks for the tests of the pool."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from inference.sandbox.job import Job, Refusal, begin_stage


def echo(job: Job) -> dict[str, Any]:
    job.write(job.read())
    return {"pid": os.getpid(), **job.request}


def die(job: Job) -> dict[str, Any]:
    begin_stage("pixels", name="a.dcm")
    os.kill(os.getpid(), signal.SIGSEGV)
    return {}


def spin(job: Job) -> dict[str, Any]:
    while True:
        pass


def sleep(job: Job) -> dict[str, Any]:
    begin_stage("sleep")
    if "started" in job.request:
        Path(job.request["started"]).touch()
    time.sleep(job.request["seconds"])
    return {"pid": os.getpid()}


def swell(job: Job) -> dict[str, Any]:
    pieces = []
    while True:
        pieces.append(bytes(16 * 2**20))


def pour(job: Job) -> dict[str, Any]:
    while True:
        job.write(bytes(2**20))


def spawn(job: Job) -> dict[str, Any]:
    return {"pid": os.fork()}


def refuse(job: Job) -> dict[str, Any]:
    raise Refusal("a_code", "A sentence.", "A detail.")


def stumble(job: Job) -> dict[str, Any]:
    raise KeyError("DOE^JANE")


def lie_about_sizes(job: Job) -> dict[str, Any]:
    job.sizes.append(2**40)
    return {}


def answer_at_length(job: Job) -> dict[str, Any]:
    return {"text": "x" * 2**21}


def chatter(job: Job) -> dict[str, Any]:
    while True:
        begin_stage("pixels", name="x" * 100_000)


def peek(job: Job) -> dict[str, Any]:
    return {"environment": sorted(os.environ)}


TASKS = {
    task.__name__: task
    for task in (
        echo,
        die,
        spin,
        sleep,
        swell,
        pour,
        spawn,
        refuse,
        stumble,
        lie_about_sizes,
        answer_at_length,
        chatter,
        peek,
    )
}
