"""Writing to a person, whatever has become of the streams."""

import os
import sys
from typing import NoReturn

_said: set[str] | None = None
"""What was said, while nothing is said twice."""


def say_once(*, begins: bool) -> None:
    """Say no text twice from now on, as of several clients; or end that."""
    global _said  # noqa: PLW0603 - a stream is one for the process too
    _said = set() if begins else None


def say(text: str) -> None:
    """Write a line for a person; a stream that is closed or full changes nothing else."""
    if sys.stderr is None:  # closed before the start
        return
    if _said is not None:
        if text in _said:
            return
        _said.add(text)
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        # What is left in its buffer must not change the exit code at the end.
        sys.stderr = None


def leave(code: int) -> NoReturn:
    """End the process without taking it apart, which the system does faster.

    A stream that takes nothing is left to Python's own end, which says so in its exit code.
    """
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        sys.exit(code)
    os._exit(code)
