"""TOML documents with the client's limits: what it refuses is refused, with file and line.

``tomllib`` reads TOML 1.0. The client reads 1.1, so a document that ``tomllib`` rejects is tried
again with the 1.1 reader that the caller hands in (ADR 0006).
"""

import re
import tomllib
from collections.abc import Callable
from math import isinf
from typing import Any, NamedTuple

from tipstaff_policy.values import Effect

DEPTH_LIMIT = 80
"""Client 0.169.0 refuses the 81st level of arrays and inline tables, and the 81st part of a key."""
LEAP_SECOND = re.compile(r"\d\d:\d\d:60")

Document = dict[str, Any]
Reader = Callable[[str], Document]


class TomlError(NamedTuple):
    """Why a text is no document for the client, or why Tipstaff cannot tell."""

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
    document = _read(text, read_toml_1_0)
    if isinstance(document, TomlError) and newer_reader and document.effect == "refuse":
        document = _read(text, newer_reader)
    if isinstance(document, TomlError):
        # The client takes leap seconds, which no reader here does: the fault may be ours.
        return document._replace(effect="unknown") if LEAP_SECOND.search(text) else document
    return _within_limits(text, document, 1 << (integer_bits - 1))


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
        return TomlError(f"nested deeper than {DEPTH_LIMIT} levels", None, "refuse")
    except ValueError as error:
        # The client takes years and leap seconds that Python's dates cannot hold.
        effect: Effect = "unknown" if "Invalid date" in str(error) else "refuse"
        return TomlError(*_message(str(error)), effect)


def _message(raw: str) -> tuple[str, int | None]:
    """Split a reader's message into its text and its line."""
    found = re.search(r"\s*\(at (?:line (\d+), column \d+|end of document)\)", raw)
    text = raw[: found.start()] if found else raw
    return f"not valid TOML: {text}", int(found[1]) if found and found[1] else None


def _within_limits(text: str, document: Document, limit: int) -> Document | TomlError:
    # Few documents come near a limit; the walk is for those that could.
    if text.count("[") + text.count("{") + text.count(".") < DEPTH_LIMIT and not re.search(
        r"[0-9A-Fa-fobx_]{17}", text
    ):
        return document
    pending: list[tuple[Any, int]] = [(document, 0)]
    while pending:
        value, depth = pending.pop()
        if depth > DEPTH_LIMIT:
            return TomlError(f"nested deeper than {DEPTH_LIMIT} levels", None, "unknown")
        if isinstance(value, int) and not -limit <= value < limit:
            bits = limit.bit_length()
            return TomlError(f"an integer does not fit into {bits} bits", None, "refuse")
        if isinstance(value, dict | list):
            inner = value.values() if isinstance(value, dict) else value
            pending += [(each, depth + 1) for each in inner]
    return document
