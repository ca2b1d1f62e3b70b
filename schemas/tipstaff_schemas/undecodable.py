r"""Names that are no UTF-8, as documents can hold them: every byte that is none as ``\xNN``."""

import json
import re
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from tipstaff_schemas.values import as_json, json_text

UNDECODED = "[\ud800-\udfff]"
"""What Python makes of such bytes (PEP 383), and what no UTF-8 can hold."""
Document = TypeVar("Document", bound=BaseModel)


def decodable(text: str) -> str:
    """Return a text with such bytes written out."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return re.sub(UNDECODED, lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", text)
    return text


def writable(document: Document) -> Document:
    """Return a document that can be written; itself, where nothing in it is undecodable."""
    try:
        json_text(document)
    except PydanticSerializationError:
        message = json.dumps(_decodable(as_json(document)))
        return type(document).model_validate_json(message)
    return document


def _decodable(value: Any) -> Any:
    match value:
        case str():
            return decodable(value)
        case dict():
            return {_decodable(name): _decodable(member) for name, member in value.items()}
        case list() | tuple():
            return [_decodable(element) for element in value]
        case _:
            return value
