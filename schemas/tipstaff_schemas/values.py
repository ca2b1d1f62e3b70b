"""The engine's ``NamedTuple``s as JSON objects, both ways, so that no shape is written twice."""

import json
import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    WithJsonSchema,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema, to_json

from tipstaff_policy.checks.model import Evidence
from tipstaff_policy.model.host_facts import HostFacts
from tipstaff_policy.model.layers import EffectiveSetting
from tipstaff_policy.model.state import (
    Client,
    Credential,
    Decision,
    Fault,
    HostState,
    Identity,
    Origin,
    SignIn,
)
from tipstaff_policy.model.steps import Step
from tipstaff_policy.organisation.in_force import Orders
from tipstaff_policy.organisation.rollout_stage import Stage
from tipstaff_policy.organisation.waivers.standing import Waived

ADDED = {
    "Credential": ("kind_of_place", "scrub"),
    "HeldCredential": ("identity",),
    "OrganisationPolicy": ("clients",),
    "ClientRules": ("environment_credentials", "names"),
    "Ordered": ("organisations", "accounts", "names"),
    "Decision": ("organisations", "accounts"),
    "Client": ("knowledge",),
    "Release": ("knowledge", "unusable_knowledge"),
}
"""Fields that a document of this schema may lack: they stand where they say more than the rest."""


def as_json(value: Any) -> Any:
    """Return a document or a value of the engine as JSON knows it: named tuples become objects."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        added = ADDED.get(type(value).__name__, ())
        unsaid = value._field_defaults if added else {}  # type: ignore[attr-defined]
        return {
            name: as_json(member)
            for name, member in value._asdict().items()
            if name not in added or member != unsaid[name]
        }
    if isinstance(value, tuple | list):
        return [as_json(element) for element in value]
    if isinstance(value, BaseModel):
        unsaid = getattr(value, "UNSAID", ())
        return {
            field.alias or name: as_json(getattr(value, name))
            for name, field in type(value).model_fields.items()
            if name not in unsaid or getattr(value, name) is not None
        }
    return value


def leave_unsaid(self: Any, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
    """Write a document by its model, without those fields of `UNSAID` that say nothing.

    Models take it as their serializer; Pydantic goes by the name of the first parameter.
    """
    written: dict[str, Any] = write(self)
    return {
        name: value
        for name, value in written.items()
        if name not in self.UNSAID or value is not None
    }


def json_text(document: BaseModel, *, indent: int | None = None) -> str:
    """Return a document as JSON text.

    Not by the document's own model: a process that makes one document would spend more on making
    ready how such a document is read than on all else.

    Raises:
        PydanticSerializationError: A text in it is no UTF-8.
    """
    return to_json(as_json(document), indent=indent).decode()


MOMENT = r"(?a)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z"


def _moment(text: str) -> str:
    """Return a moment as it is, where it is one of the calendar in UTC.

    Raises:
        ValueError: It is none.
    """
    if not re.fullmatch(MOMENT, text):
        raise ValueError("is no moment in UTC, such as 2026-11-24T00:00:00.000Z")
    datetime.fromisoformat(text)
    return text


Moment = Annotated[
    str, AfterValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
"""RFC 3339 in UTC, with `Z`."""


class ObjectSchema(GenerateJsonSchema):
    """Describes a named tuple as the object that `as_json` writes, not as an array."""

    def is_instance_schema(self, schema: core_schema.IsInstanceSchema) -> JsonSchemaValue:
        """Allow nothing: what never leaves the process, as a secret, has no form in a document."""
        del schema
        return {"not": {}}

    def named_tuple_schema(self, schema: core_schema.NamedTupleSchema) -> JsonSchemaValue:
        """Describe the fields by name; all are required, and no others are allowed."""
        fields = schema["fields"]
        added = ADDED.get(schema["cls"].__name__, ())
        return {
            "type": "object",
            "properties": {field["name"]: self.generate_inner(field) for field in fields},
            "required": [field["name"] for field in fields if field["name"] not in added],
            "additionalProperties": False,
        }


def state_from_json(document: Any) -> HostState:
    """Return the state of a report, so that it can be decided on again.

    Raises:
        ValueError: It is none.
    """
    # From text, because only there an array is never taken for an object, nor the reverse.
    return TypeAdapter(HostState).validate_json(json.dumps(document))


written_as_json = PlainSerializer(as_json)
StateJson = Annotated[HostState, written_as_json]
DecisionJson = Annotated[Decision, written_as_json]
EvidenceJson = Annotated[Evidence, written_as_json]
SignInJson = Annotated[SignIn, written_as_json]
ClientJson = Annotated[Client, written_as_json]
SettingJson = Annotated[EffectiveSetting, written_as_json]
CredentialJson = Annotated[Credential, written_as_json]
IdentityJson = Annotated[Identity, written_as_json]
StepJson = Annotated[Step, written_as_json]
OriginJson = Annotated[Origin, written_as_json]
FaultJson = Annotated[Fault, written_as_json]
OrdersJson = Annotated[Orders, written_as_json]
StageJson = Annotated[Stage, written_as_json]
WaivedJson = Annotated[Waived, written_as_json]
SurroundingsJson = Annotated[HostFacts, written_as_json]
