"""Documents as JSON: the model itself."""

import re

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from tipstaff_schemas.undecodable import writable
from tipstaff_schemas.values import json_text

UNSEEN = re.compile(r"[^\n\x20-\x7e]")
"""Outside of strings JSON is plain ASCII, so that whatever this finds stands inside of one."""


def render(document: BaseModel) -> str:
    """Return a document as indented JSON with a final newline."""
    return make_harmless(_text(document, indent=2)) + "\n"


def line(document: BaseModel) -> str:
    """Return a document as one line of JSON."""
    return make_harmless(_text(document)) + "\n"


def _text(document: BaseModel, indent: int | None = None) -> str:
    try:
        return json_text(document, indent=indent)
    except PydanticSerializationError:
        return json_text(writable(document), indent=indent)


def make_harmless(text: str) -> str:
    """Return JSON in which nothing can move a terminal's cursor or turn its text around.

    Characters that do not show are written as escapes, which JSON reads as the same characters.
    """
    return UNSEEN.sub(lambda found: _escape(found[0]), text)


def _escape(character: str) -> str:
    if character.isprintable():
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
