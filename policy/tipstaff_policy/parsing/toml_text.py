"""TOML documents with the client's limits: what it refuses is refused, with file and line.

``tomllib`` reads TOML 1.0. The client reads 1.1, so a document that ``tomllib`` rejects is tried
again with the 1.1 reader that the caller hands in (ADR 0006).
"""

import re
import tomllib
from math import isinf
from typing import Any

from tipstaff_policy.model.request import Document, Reader
from tipstaff_policy.model.state import Effect
from tipstaff_policy.parsing import DEPTH_LIMIT
from tipstaff_policy.record import Record

SMALL = 4096
"""Characters of a document that is walked sooner than a pattern is made to search it."""


class TomlError(Record):
    """Why a text is no document for the client, or why Tipstaff cannot decide that."""

    what: str
    line: int | None
    effect: Effect


def parse_toml(
    data: bytes, newer_reader: Reader | None = None, *, integer_bits: int = 64
) -> Document | TomlError:
    """Return the document, or what is wrong with it.

    Args:
        data: The file's bytes; a byte order mark is accepted.
        newer_reader: Reads TOML 1.1; raises ValueError for what is not even that.
        integer_bits: How long an integer may be.
    Source: tests/conformance/cases_toml.py (client 0.169.0).
    """
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return TomlError(f"byte {error.start + 1} is not valid UTF-8", line, "refuse")
    long_key = _long_key(text) if text.count(".") >= DEPTH_LIMIT else None
    if long_key is not None:
        return _too_deep(long_key)
    document = _read(text, read_toml_1_0)
    if isinstance(document, TomlError):
        document = _read_rarer(text, document, newer_reader)
    if isinstance(document, TomlError):
        return document
    return _within_limits(text, document, 1 << (integer_bits - 1))


def _read_rarer(text: str, fault: TomlError, newer_reader: Reader | None) -> Document | TomlError:
    """Read what the client reads and Python's own reader does not, or return what is wrong."""
    from tipstaff_policy.parsing.toml_edges import (  # noqa: PLC0415 - rare
        LACKING,
        edges_of,
        put_back,
    )

    edges = edges_of(text) if LACKING.search(text) or _may_be_deep(text) else None
    if edges and edges.too_deep is not None:
        return _too_deep(edges.too_deep)
    found: Document | TomlError = fault
    if edges and edges.moments:
        found = _read(edges.text, read_toml_1_0)
    if isinstance(found, TomlError) and found.effect == "refuse" and newer_reader:
        found = _read(edges.text if edges else text, newer_reader)
    if edges and edges.moments and not isinstance(found, TomlError):
        put_back(found, edges.moments)
    return found


def _may_be_deep(text: str) -> bool:
    return text.count("[") + text.count("{") > DEPTH_LIMIT


def _long_key(text: str) -> int | None:
    """Return the line of a key of too many parts, over which a reader takes ever longer."""
    from tipstaff_policy.parsing.toml_edges import LONG_KEY, edges_of  # noqa: PLC0415 - rare

    return edges_of(text).too_deep if LONG_KEY.search(text) else None


def _too_deep(line: int | None) -> TomlError:
    return TomlError(f"nested deeper than {DEPTH_LIMIT} levels", line, "refuse")


def read_toml_1_0(text: str) -> Document:
    """Read TOML 1.0 as the client does, which refuses a number that overflows."""
    return tomllib.loads(text, parse_float=parse_float)


def parse_float(text: str) -> float:
    """Return the number; raise ValueError where the client says that it overflows."""
    number = float(text)
    if isinf(number) and "inf" not in text:
        raise ValueError("a floating-point number is too large")
    return number


def _read(text: str, reader: Reader) -> Document | TomlError:
    try:
        return reader(text)
    except RecursionError:
        # Too deep a nesting for the client is found before this; see `_read_rarer`.
        return TomlError("nested deeper than this process can follow", None, "unknown")
    except ValueError as error:
        return TomlError(*_message(str(error), text), "refuse")


def _message(raw: str, text: str) -> tuple[str, int | None]:
    """Split a reader's message into its text and its line."""
    found = re.search(r"\s*\(at (?:line (\d+), column \d+|end of document)\)", raw)
    if not found:
        return f"not valid TOML: {raw}", None
    line = int(found[1]) if found[1] else last_line(text)
    return f"not valid TOML: {raw[: found.start()]}", line


def last_line(text: str) -> int:
    """Return the line of the last thing in a text, which a fault at its end is about."""
    return text.count("\n", 0, len(text.rstrip())) + 1


def _within_limits(text: str, document: Document, limit: int) -> Document | TomlError:
    # Few large documents come near a limit; the walk is for those that could.
    near = len(text) < SMALL or re.search(r"[0-9A-Fa-fobx_]{17}", text)
    if near and not _integers_fit(document, limit):
        bits = limit.bit_length()
        return TomlError(f"an integer does not fit into {bits} bits", None, "refuse")
    if text.count("[") + text.count("{") + text.count(".") < DEPTH_LIMIT or not _is_deep(document):
        return document
    from tipstaff_policy.parsing.toml_edges import edges_of  # noqa: PLC0415 - rare

    # The client counts keys and values apart, which the document does not show any more.
    line = edges_of(text).too_deep
    return document if line is None else _too_deep(line)


def _is_deep(document: Document) -> bool:
    level: list[Any] = [document]
    for _ in range(DEPTH_LIMIT):
        level = [
            value
            for table in level
            for value in (table.values() if isinstance(table, dict) else table)
            if isinstance(value, dict | list)
        ]
        if not level:
            return False
    return True


def _integers_fit(document: Document, limit: int) -> bool:
    pending: list[Any] = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, int) and not -limit <= value < limit:
            return False
        if isinstance(value, dict | list):
            pending += value.values() if isinstance(value, dict) else value
    return True


def toml_type(raw: Any) -> str:
    """Return TOML's name for the type of a value."""
    names = (
        (str, "text"),
        (bool, "boolean"),
        (int, "integer"),
        (float, "float"),
        (dict, "table"),
        (list, "array"),
    )
    return next((name for kind, name in names if isinstance(raw, kind)), "date")
