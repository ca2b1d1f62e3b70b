"""The JSON Schema of the organisation's policy document, for editors; made from its own fields."""

from collections.abc import Mapping
from typing import Any

from tipstaff_policy.clients import CLIENTS, policy_fields_of
from tipstaff_policy.organisation.fields import (
    CHECK_ID,
    FIELDS,
    SCHEMA,
    SEVERITY,
    TABLES,
    Field,
    Table,
)

TITLE = "Tipstaff policy document (policy.toml; a fragment of policy.d may leave out more)"


def policy_document_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12) of policy.toml; TOML dates stand in it as text."""
    tables = {name: _rows(table) for name, table in TABLES.items()}
    severity = {
        "type": "object",
        "description": "Another severity for a check, by its id.",
        "patternProperties": {f"^{CHECK_ID}$": SEVERITY.schema},
        "additionalProperties": False,
    }
    clients = {
        "type": "object",
        "description": "By client: what is allowed, and other keys of its administrators' files.",
        "properties": {name: _object(policy_fields_of(name) or {}) for name in CLIENTS},
        "additionalProperties": False,
    }
    version = {"const": SCHEMA, "description": "The version of this schema."}
    made = _object(FIELDS)
    made["properties"] |= {"schema": version, "severity": severity, "clients": clients, **tables}
    return {"title": TITLE, **made, "required": ["schema", *made["required"]]}


def _object(fields: Mapping[str, Field]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            name: {**field.kind.schema, "description": field.does} for name, field in fields.items()
        },
        "required": [name for name, field in fields.items() if field.required],
        "additionalProperties": False,
    }


def _rows(table: Table) -> dict[str, Any]:
    return {"type": "array", "items": _object(table.fields), "description": table.does}
