"""Writing to a person, whatever has become of the streams."""

import sys


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
