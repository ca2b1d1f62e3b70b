"""The one way to standard output and into files: all of it, or an error of its own."""

import os
import sys
from pathlib import Path

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


def replace_file(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file whole or not at all; the mode of one that is there stays.

    Raises:
        AccessDeniedError: It cannot be written.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.exists():
            mode = path.stat().st_mode & 0o777
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise AccessDeniedError(f"cannot be written: {error.strerror}", where=str(path)) from error
