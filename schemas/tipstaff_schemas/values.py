"""The engine's ``NamedTuple``s as JSON objects, both ways, so that no shape is written twice."""

import json
import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, PlainSerializer, TypeAdapter, WithJsonSchema
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from tipstaff_policy.assessment.policy_diff.meaning import Change
from tipstaff_policy.assessment.simulation import Simulated
from tipstaff_policy.checks.model import Evidence
from tipstaff_policy.logins.revocation import Revocation
from tipstaff_policy.model.host_facts import HostFacts
from tipstaff_policy.model.layers import EffectiveSetting
from tipstaff_policy.model.state import (
    Client,
    Credential,
    Decision,
    Fault,
    HostState,
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
    "Ordered": ("organisations", "accounts"),
}
"""Fields that a document of this schema may lack: they stand where they say more than the rest."""


def as_json(value: Any) -> Any:
    """Return a value of the engine as JSON knows it: named tuples become objects."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        added = ADDED.get(type(value).__name__, ())
        unsaid = value._field_defaults if added else {}  # type: ignore[attr-defined]
        return {
            name: as_json(each)
            for name, each in value._asdict().items()
            if name not in added or each != unsaid[name]
        }
    if isinstance(value, tuple | list):
        return [as_json(each) for each in value]
    return value


MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)


def _moment(text: str) -> str:
    """Return a moment as it is, where it is one of the calendar in UTC.

    Raises:
        ValueError: It is none.
    """
    if not MOMENT.fullmatch(text):
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


_written = PlainSerializer(as_json)
StateJson = Annotated[HostState, _written]
DecisionJson = Annotated[Decision, _written]
EvidenceJson = Annotated[Evidence, _written]
SignInJson = Annotated[SignIn, _written]
ClientJson = Annotated[Client, _written]
SettingJson = Annotated[EffectiveSetting, _written]
CredentialJson = Annotated[Credential, _written]
StepJson = Annotated[Step, _written]
RevocationJson = Annotated[Revocation, _written]
OriginJson = Annotated[Origin, _written]
FaultJson = Annotated[Fault, _written]
OrdersJson = Annotated[Orders, _written]
StageJson = Annotated[Stage, _written]
WaivedJson = Annotated[Waived, _written]
SurroundingsJson = Annotated[HostFacts, _written]
ChangeJson = Annotated[Change, _written]
SimulatedJson = Annotated[Simulated, _written]
