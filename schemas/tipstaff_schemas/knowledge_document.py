"""The JSON Schema of a document of knowledge; made from the fields of each client's behaviours."""

import typing
from typing import Any

from tipstaff_policy.assessment.knowledge.document import (
    MEMBERS,
    MOMENT,
    NEEDS,
    RELEASE,
    SCHEMA,
    knowledge_of_clients,
)
from tipstaff_policy.clients.interface.knowledge import (
    DAY,
    LIKE,
    NUMBER,
    PARTS,
    ROW,
    ClientKnowledge,
)

TITLE = "What is known of the versions of clients (knowledge.json)"


def knowledge_document_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12) of a document; the order of versions is checked besides."""
    made = _make_closed_object(
        {
            "schema": {"const": SCHEMA},
            "counter": {"type": "integer", "exclusiveMinimum": 0},
            "made_at": _text(MOMENT.pattern),
            "needs_tipstaff": _make_closed_object(dict.fromkeys(NEEDS, _text(RELEASE.pattern))),
            "clients": {
                "type": "object",
                "properties": {
                    name: _section(part) for name, part in knowledge_of_clients().items()
                },
                "minProperties": 1,
                "additionalProperties": False,
            },
            "signature": {
                "type": "string",
                "description": "What `ssh-keygen -Y sign -n tipstaff-knowledge` makes over the "
                "rest, with sorted members, without blanks, in ASCII, and with a line break.",
            },
        }
    )
    return {"title": TITLE, **made, "required": [*MEMBERS]}


def _section(part: ClientKnowledge) -> dict[str, Any]:
    span = _make_closed_object(
        {
            "since": _text(NUMBER),
            "rows": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        }
    )
    measured = _by_version({"type": "object"})
    members = {
        "proven": {**_by_version({"anyOf": [_text(DAY), {"type": "null"}]})},
        "rows": {
            "type": "object",
            "propertyNames": _text(ROW),
            "additionalProperties": _row(part),
        },
        "spans": {"type": "array", "items": span, "minItems": 1},
    }
    members["proven"]["minProperties"] = 1
    return _make_closed_object(
        {name: members.get(name, measured) for name in (*PARTS, *part.measured)}
    )


def _row(part: ClientKnowledge) -> dict[str, Any]:
    fields = {name: _type(kind) for name, kind in part.fields().items()}
    return {
        "type": "object",
        "properties": {LIKE: {"type": "string"}, **fields},
        "additionalProperties": False,
        "anyOf": [{"required": [LIKE]}, {"required": [*fields]}],
    }


def _type(kind: Any) -> dict[str, Any]:
    if typing.get_origin(kind) is typing.Literal:
        return {"enum": [*typing.get_args(kind)]}
    if typing.get_origin(kind) is tuple:
        return {"type": "array", "items": _type(typing.get_args(kind)[0])}
    return {"type": {bool: "boolean", int: "integer", str: "string"}[kind]}


def _by_version(content: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "propertyNames": _text(NUMBER),
        "additionalProperties": content,
    }


def _make_closed_object(members: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": members,
        "required": [*members],
        "additionalProperties": False,
    }


def _text(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{pattern}$"}
