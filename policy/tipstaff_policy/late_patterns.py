"""The readers of the standard library, without patterns that they may never use (ADR 0055).

`json` and `tomllib` compile ten regular expressions when they are imported, which takes as long as
a third of the guard's own modules. An administrators' file without a number or a date asks for none
of those of `tomllib`, and no file asks for all of them.
"""

import re
from typing import Any

_compile = re.compile


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
    re.compile = _LatePattern  # type: ignore[assignment]
    try:
        import json  # noqa: F401, PLC0415 - only in here
        import tomllib  # noqa: F401, PLC0415 - only in here
    finally:
        re.compile = _compile
