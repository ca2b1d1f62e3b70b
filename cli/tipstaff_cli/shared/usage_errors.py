"""Explain a wrong command line, and name the help that says more."""

import re
from collections.abc import Sequence
from typing import Any

from typer.exceptions import TyperException

from tipstaff_cli.shared.help_pages import show_argument
from tipstaff_policy.errors import TipstaffError, UsageError, error_text

GROUPS = frozenset(
    {
        (),
        ("policy",),
        ("policy", "publish"),
        ("report",),
        ("fleet",),
        ("waiver",),
        ("client",),
        ("client", "knowledge"),
        ("credentials",),
        ("checks",),
    }
)
"""The groups of commands; a test compares them with the program."""
CHOICES = r"(?s)Value error, (.*) is not one of (.*)\."
LIBRARY = r"Input should be (?:a valid |an? )?|Value error, "
NUMBERS = {
    "number, unable to parse string as a number": "a number",
    "integer, unable to parse string as an integer": "a whole number",
}


def text_of_library(error: TyperException, words: Sequence[str]) -> str:
    """Return the error of the library in the words of this program.

    Args:
        words: The command line, without the program's name.
    """
    context: Any = getattr(error, "ctx", None)
    help_of = _show_typed(words) if context is None else _path(context)
    what, expected = _in_own_words(error)
    return error_text(what, expected=expected, remedy=f"see `{help_of} --help`") if what else ""


def with_help(error: UsageError, words: Sequence[str]) -> UsageError:
    """Return an error of this program with a pointer to the right help.

    Args:
        words: The command line, without the program's name.
    """
    error.remedy = error.remedy or f"see `{_show_typed(words)} --help`"
    return error


def with_way_out(error: TipstaffError) -> TipstaffError:
    """Return an error of the system with what was expected and what to do, if it says neither."""
    cause = error.__cause__ or error.__context__
    if isinstance(cause, FileNotFoundError | NotADirectoryError):
        error.expected = error.expected or "a file that exists"
        error.remedy = error.remedy or "check the path; a relative one counts from this folder"
    elif isinstance(cause, PermissionError):
        error.remedy = error.remedy or "run this as a user who has the rights"
    return error


def _show_typed(words: Sequence[str]) -> str:
    """Return the command that the user typed."""
    path: tuple[str, ...] = ()
    for word in words:
        if path not in GROUPS or word.startswith("-"):
            break
        path = (*path, word)
    return " ".join(("tipstaff", *path))


def _path(context: Any) -> str:
    """Return the command as users type it, however the program was started."""
    names: list[str] = []
    while context.parent is not None:
        names.insert(0, context.info_name)
        context = context.parent
    return " ".join(("tipstaff", *names))


def _usage(context: Any) -> str:
    """Return a command with its arguments, as users type them."""
    pieces = context.command.collect_usage_pieces(context)
    arguments = (show_argument(piece) for piece in pieces if piece != "[OPTIONS]")
    return " ".join((_path(context), *arguments))


def _in_own_words(error: TyperException) -> tuple[str, str]:
    """Return the error and the expectation."""
    if near := getattr(error, "possibilities", None):
        return f"unknown option {getattr(error, 'option_name', '')}", " or ".join(sorted(near))
    named = getattr(error, "param", None)
    if named is None or not hasattr(named, "get_error_hint"):
        return error.format_message().rstrip(), ""
    hint = str(named.get_error_hint()).strip("'").partition("' / '")[0]
    if type(error).__name__ == "MissingParameter":
        choices = named.get_missing_message(ctx=getattr(error, "ctx", None)) or ""
        _, _, listed = choices.partition("Choose from:")
        if listed or named.param_type_name != "argument":
            return f"{hint} is missing", ", ".join(part.strip(" ,") for part in listed.split())
        return f"{hint} is missing", f"`{_usage(error.ctx)}`"  # type: ignore[attr-defined]
    if chosen := re.fullmatch(CHOICES, error.message):
        return f"{hint} {chosen[1]} is not known", chosen[2].replace("'", "")
    plain = re.sub(LIBRARY, "", error.message)
    return f"the value of {hint} cannot be used", NUMBERS.get(plain, plain)
