"""The readers of the standard library, without what they may never use (ADR 0055).

`json` and `tomllib` compile ten regular expressions when they are imported, which takes as long as
a third of the guard's own modules. An administrators' file without a number or a date asks for none
of those of `tomllib`, and no file asks for all of them. `tomllib` also makes one named tuple of
fields whose types it leaves unread, and `typing` compiles such types: the first use of Python's
compiler of expressions in a process costs as much again as all those patterns.
"""

import re
import typing
from typing import Any

from tipstaff_policy.record import Record

_compile = re.compile
_named_tuple = typing.NamedTuple


class _LatePattern:
    """A pattern that is compiled when it is first asked for anything."""

    def __init__(self, pattern: Any, flags: int = 0) -> None:
        self._given = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        value = getattr(_compile(*self._given), name)
        setattr(self, name, value)  # is found without this method from now on
        return value

    def match(self, *given: Any) -> Any:
        """Match as the pattern does; a reader that keeps this method compiles nothing by that."""
        return self.__getattr__("match")(*given)


def load_readers() -> None:
    """Import the readers; patterns that others compile at any other time are compiled at once."""
    load_late("json", "tomllib")


def load_late(*modules: str) -> None:
    """Import modules of the standard library, each pattern of theirs to be compiled when used.

    Not for a module that gives a pattern to a function of `re` by itself, as `gettext` does.
    """
    re.compile = _LatePattern  # type: ignore[assignment]
    typing.NamedTuple = Record  # type: ignore[misc]  # leaves the types of its fields unread
    try:
        for module in modules:
            __import__(module)
    finally:
        re.compile = _compile
        typing.NamedTuple = _named_tuple  # type: ignore[misc]
