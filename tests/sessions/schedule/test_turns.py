"""Properties of the order of reading, over random courses of a study."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from hypothesis import given, settings
from hypothesis import strategies as st

from studies.sessions.schedule.slots import Slot
from studies.sessions.schedule.turns import find_turn

WASHOUT = timedelta(days=28)
START = datetime(2026, 1, 1, tzinfo=UTC)
SPACE = UUID(int=0)


def batch_of(
    number: int, cases: int, rng: random.Random, readmitted: Sequence[str] = ()
) -> list[Slot]:
    images = [f"image {number}/{case}" for case in range(cases)] + list(readmitted)
    return [
        Slot(uuid5(SPACE, f"{number} {image} {period}"), image, number, period, position, "waiting")
        for period in (1, 2)
        for position, image in enumerate(rng.sample(images, len(images)), start=1)
    ]


class Course:
    """One reader's readings while a coordinator assigns, reopens and excludes."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.now = START
        self.slots = batch_of(1, self.rng.randint(1, 4), self.rng)
        self.batches = 1

    def turn(self):
        return find_turn(self.slots, washout=WASHOUT, now=self.now)

    def set(self, slot: Slot, **values) -> None:
        self.slots[self.slots.index(slot)] = replace(slot, **values)

    def step(self) -> None:
        self.check()
        action = self.rng.choice(
            ["open", "submit", "submit", "wait", "assign", "reopen", "exclude"]
        )
        getattr(self, action)()

    def open(self) -> None:
        current = self.turn().current
        if current is not None and current.state == "waiting":
            self.set(current, state="open", opened_at=self.now)

    def submit(self) -> None:
        self.open()
        current = self.turn().current
        if current is not None:
            self.now += timedelta(minutes=5)
            self.set(current, state="submitted", seen_at=self.now)

    def wait(self) -> None:
        self.now += timedelta(days=self.rng.choice([0, 1, 10, 30]))

    def assign(self) -> None:
        if self.batches < 3:
            self.batches += 1
            # What is excluded may be uploaded again, and is assigned with the next batch.
            excluded = {slot.image for slot in self.slots if not slot.counted}
            readmitted = excluded - {slot.image for slot in self.slots if slot.counted}
            cases = self.rng.randint(1, 3)
            self.slots += batch_of(self.batches, cases, self.rng, sorted(readmitted))

    def reopen(self) -> None:
        done = [slot for slot in self.slots if slot.state == "submitted" and slot.counted]
        if not done:
            return
        slot = self.rng.choice(done)
        since = [o for o in self.slots if o.image == slot.image and o.opened_at and o != slot]
        if all(other.opened_at < slot.opened_at for other in since):
            self.set(slot, state="open")

    def exclude(self) -> None:
        if self.rng.random() < 0.2:
            image = self.rng.choice(self.slots).image
            self.slots = [replace(s, counted=False) if s.image == image else s for s in self.slots]

    def check(self) -> None:
        turn = self.turn()
        for slot in filter(None, (turn.current, turn.next)):
            assert slot.to_read
            if slot.state == "waiting":
                self.check_washout(slot)
        current = turn.current
        if current is None:
            waits = any(slot.to_read for slot in self.slots)
            assert (turn.opens_at is not None) == waits
            assert turn.opens_at is None or turn.opens_at > self.now
        elif current.state == "waiting":
            self.check_no_started_period_elsewhere(current)

    def in_washout(self, slot: Slot) -> bool:
        seen = [o.last_work for o in self.slots if o.image == slot.image and o.last_work]
        return any(self.now - at < WASHOUT for at in seen)

    def check_washout(self, slot: Slot) -> None:
        assert not self.in_washout(slot), "shown again within the washout"
        started = any(o.phase == slot.phase and o.opened_at for o in self.slots)
        if slot.period == 2 and not started:
            first = [o for o in self.slots if o.phase == (slot.batch, 1)]
            assert not any(o.to_read for o in first)
            assert all(self.now - o.seen_at >= WASHOUT for o in first if o.seen_at)

    def check_no_started_period_elsewhere(self, current: Slot) -> None:
        """A reader in period 2 of a batch finishes it, except cases in their own washout."""
        for slot in self.slots:
            started = any(o.phase == slot.phase and o.opened_at for o in self.slots)
            if slot.to_read and slot.period == 2 and started and slot.phase != current.phase:
                finishing = current.period == 2 and any(
                    o.phase == current.phase and o.opened_at for o in self.slots
                )
                assert self.in_washout(slot) or (finishing and current.phase < slot.phase)


@settings(max_examples=300)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_no_case_is_shown_again_within_the_washout(seed, steps):
    course = Course(seed)
    for _ in range(steps):
        course.step()


@given(st.integers(0, 2**32), st.integers(0, 40))
def test_every_case_is_read_in_the_end(seed, steps):
    course = Course(seed)
    for _ in range(steps):
        course.step()
    for _ in range(len(course.slots) * 2):
        course.check()
        turn = course.turn()
        if turn.current is None:
            if turn.opens_at is None:
                break
            course.now = turn.opens_at
        else:
            course.submit()
    assert not any(slot.to_read for slot in course.slots)


def read_through(slots: list[Slot], phase: tuple[int, int], at: datetime) -> list[Slot]:
    return [
        replace(slot, state="submitted", opened_at=at, seen_at=at) if slot.phase == phase else slot
        for slot in slots
    ]


def test_batch_assigned_in_period_2_waits_until_that_is_finished():
    rng = random.Random(1)
    slots = read_through(batch_of(1, 3, rng), (1, 1), START)
    now = START + WASHOUT
    current = find_turn(slots, washout=WASHOUT, now=now).current
    assert current.phase == (1, 2)
    slots = [
        replace(slot, state="submitted", opened_at=now, seen_at=now) if slot == current else slot
        for slot in slots
    ]
    slots += batch_of(2, 2, rng)
    assert find_turn(slots, washout=WASHOUT, now=now).current.phase == (1, 2)
    slots = read_through(slots, (1, 2), now)
    assert find_turn(slots, washout=WASHOUT, now=now).current.phase == (2, 1)
    slots = read_through(slots, (2, 1), now)
    turn = find_turn(slots, washout=WASHOUT, now=now)
    assert turn.current is None and turn.opens_at == now + WASHOUT


def test_batch_assigned_during_the_washout_can_be_read_and_delays_nothing():
    rng = random.Random(1)
    slots = read_through(batch_of(1, 2, rng), (1, 1), START) + batch_of(2, 2, rng)
    during = START + timedelta(days=10)
    assert find_turn(slots, washout=WASHOUT, now=during).current.phase == (2, 1)
    slots = read_through(slots, (2, 1), during)
    assert find_turn(slots, washout=WASHOUT, now=during).opens_at == START + WASHOUT
    assert find_turn(slots, washout=WASHOUT, now=START + WASHOUT).current.phase == (1, 2)


def test_reopened_reading_of_period_1_delays_only_its_own_case_in_period_2():
    slots = read_through(batch_of(1, 3, random.Random(1)), (1, 1), START)
    now = START + WASHOUT
    started = find_turn(slots, washout=WASHOUT, now=now).current
    waiting = find_turn(slots, washout=WASHOUT, now=now).next
    slots = [
        replace(s, state="submitted", opened_at=now, seen_at=now) if s == started else s
        for s in slots
    ]
    reopened = next(s for s in slots if s.image == waiting.image and s.period == 1)
    slots = [replace(s, state="open") if s == reopened else s for s in slots]
    assert find_turn(slots, washout=WASHOUT, now=now).current.reading == reopened.reading
    later = now + timedelta(days=1)
    slots = [
        replace(s, state="submitted", seen_at=later) if s.reading == reopened.reading else s
        for s in slots
    ]
    turn = find_turn(slots, washout=WASHOUT, now=later)
    assert turn.current.period == 2 and turn.current.image != waiting.image
    slots = [
        replace(s, state="submitted", opened_at=later, seen_at=later)
        if s.phase == (1, 2) and s.image != waiting.image
        else s
        for s in slots
    ]
    assert find_turn(slots, washout=WASHOUT, now=later).opens_at == later + WASHOUT


def test_reading_in_revision_comes_before_open_readings_whatever_its_place():
    slots = batch_of(1, 3, random.Random(1))[:3]
    opened = replace(slots[0], state="open", opened_at=START)
    revised = replace(slots[2], state="open", opened_at=START, seen_at=START, in_revision=True)
    turn = find_turn([opened, slots[1], revised], washout=WASHOUT, now=START)
    assert (turn.current, turn.next) == (revised, opened)


def test_excluded_image_that_returns_in_a_later_batch_waits_without_announcing_a_period():
    first, *_ = batch_of(1, 1, random.Random(1))
    seen = replace(first, state="open", opened_at=START, counted=False)
    again = batch_of(2, 0, random.Random(1), [first.image])
    turn = find_turn([seen, *again], washout=WASHOUT, now=START + timedelta(days=1))
    assert (turn.current, turn.opens_at, turn.opening) == (None, START + WASHOUT, None)
    assert find_turn([seen, *again], washout=WASHOUT, now=START + WASHOUT).current == again[0]
