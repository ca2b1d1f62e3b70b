"""Writing to a person, whatever has become of the streams."""

import os
import sys
from typing import NoReturn


def say(text: str) -> None:
    """Write a line for a person; a stream that is closed or full changes nothing else."""
    if sys.stderr is None:  # closed before the start
        return
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
