"""The one way to standard output: all of a report, or an error of its own."""

import os
import sys

from tipstaff_policy.errors import CLOSED_PIPE_EXIT, AccessDeniedError, TipstaffError


class ClosedPipeError(TipstaffError):
    """Whoever was reading has gone; there is nobody to tell."""

    exit_code = CLOSED_PIPE_EXIT

    def __str__(self) -> str:
        return ""


def say_unlogged(fault: str) -> None:
    """Tell a person that what was done is not in the action log; the report stays as it is."""
    if fault:
        sys.stderr.write(f"tipstaff: the action log could not be written: {fault}\n")


def write_out(text: str) -> None:
    """Write a report.

    Raises:
        ClosedPipeError: The reader has gone.
        AccessDeniedError: The disk is full, or the output cannot be written for another reason.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer must not fail a second time at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise ClosedPipeError("the reader has gone") from error
        raise AccessDeniedError(
            f"the report could not be written: {error.strerror}", where="standard output"
        ) from error
