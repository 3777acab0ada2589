"""Parse numeric options; invalid numbers are rejected with the rule."""

from __future__ import annotations

import argparse
import math


def positive(text: str) -> int:
    """Return a whole number of at least 1.

    Examples
    --------
    >>> positive("2")
    2
    """
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def natural(text: str) -> int:
    """Return a whole number of at least 0.

    Examples
    --------
    >>> natural("0")
    0
    """
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{number} is less than 0")
    return number


def above_zero(text: str) -> float:
    """Return a number above 0.

    Examples
    --------
    >>> above_zero("1e-3")
    0.001
    """
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not greater than 0")
    return number


def share(text: str) -> float:
    """Return a number from 0 to 1.

    Examples
    --------
    >>> share("0.25")
    0.25
    """
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return number


def shard(text: str) -> tuple[int, int]:
    """Return I and N of ``I/N``: part I of N equal parts, counted from 1.

    Examples
    --------
    >>> shard("2/8")
    (2, 8)
    """
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(
            f"{text} is not a part of a whole; write 1/8 to 8/8 for eight parts"
        )
    return int(number), int(count)
