"""Write reports to standard output: all of a report, or an error."""

import os
import re
import sys

from tipstaff_policy.errors import CLOSED_PIPE_EXIT, AccessDeniedError, TipstaffError
from tipstaff_policy.system.streams import say
from tipstaff_reports.formats import load_format
from tipstaff_reports.model import Audited

STYLES = (
    (r"^NOT COMPLIANT\b|^ *(?:FAIL|ERROR) ", "bold red"),
    (r"^NOT FULLY CHECKED\b", "bold yellow"),
    (r"^COMPLIANT\b", "bold green"),
    (r"^NOTHING WAS REPORTED\b", "bold yellow"),
    (r"^ *pass  ", "green"),
    (r"^ *n/a   .*", "dim"),
    (r"\b(?:critical|high)\b(?= )", "red"),
    (
        r"^(?:decision|findings|settings in force|credentials|clients|organisation's policy)\b",
        "bold",
    ),
    (r"^ +(?:observed|expected|see|to do|waiver):", "dim"),
)
"""What gets a colour on a terminal; the words say the same without colour."""


STREAM = "standard output"


class ClosedPipeError(TipstaffError):
    """The reader of the pipe has gone, so no message can reach it."""

    exit_code = CLOSED_PIPE_EXIT

    def __str__(self) -> str:
        return ""


def say_unlogged(fault: str) -> None:
    """Warn that an action is not in the action log; the report stays the same."""
    if fault:
        say(f"tipstaff: the action log could not be written: {fault}")


def write_outcome(text: str, *, acted: bool) -> None:
    """Write the outcome of a command; after an action, a closed stream keeps its exit code.

    Args:
        acted: Whether the command removed something, or failed to.
    Raises:
        As `write_out`, where nothing was done.
    """
    try:
        write_out(text)
    except (ClosedPipeError, AccessDeniedError) as error:
        if not acted:
            raise
        say(str(error))


def write_out(text: str) -> None:
    """Write a report.

    Raises:
        ClosedPipeError: The reader has gone.
        AccessDeniedError: The disk is full, or the output cannot be written for another reason.
    """
    if sys.stdout is None:
        raise AccessDeniedError("the report could not be written: it is closed", where=STREAM)
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer must not fail a second time at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise ClosedPipeError("the reader has gone") from error
        raise AccessDeniedError(
            f"the report could not be written: {error.strerror}", where=STREAM
        ) from error


def write_report(form: str, audit: Audited, *, verbose: bool = False) -> None:
    """Write a report in a format; text with colour, where a terminal shows it.

    Args:
        verbose: As `rendered` takes it.

    Raises:
        As `write_out`.
    """
    text = render(form, audit, verbose=verbose)
    write_out(colour(text) if form == "text" else text)


def render(form: str, audit: Audited, *, verbose: bool) -> str:
    """Return a report in a format.

    Args:
        verbose: Whether text lists what passes or does not apply; every other format has all of it.
    """
    if form == "text":
        from tipstaff_reports.formats import plain  # noqa: PLC0415 - as `load_format` does

        return plain.render(audit, verbose=verbose)
    return load_format(form).render(audit)


def colour(text: str) -> str:
    """Return a text with colours; as it is in a pipe, for a dumb terminal or with NO_COLOR."""
    if not sys.stdout.isatty() and not os.environ.get("FORCE_COLOR"):
        return text  # rich is not imported for a pipe
    from rich.console import Console  # noqa: PLC0415 - heavy
    from rich.text import Text  # noqa: PLC0415 - as above

    console = Console(highlight=False)
    if not console.is_terminal or console.is_dumb_terminal or console.no_color:
        return text
    shown = Text(text, end="")
    for pattern, style in STYLES:
        shown.highlight_regex(re.compile(pattern, re.MULTILINE), style)
    with console.capture() as captured:
        console.print(shown, soft_wrap=True, end="")
    return captured.get()
