"""The engine's ``NamedTuple``s as JSON objects, both ways, so that no shape is written twice."""

from typing import Annotated, Any

from pydantic import PlainSerializer
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from tipstaff_policy.checks.model import Evidence
from tipstaff_policy.enforcement import Step
from tipstaff_policy.findings import Finding
from tipstaff_policy.layers import EffectiveSetting
from tipstaff_policy.values import Client, Credential, Decision, HostState


def as_json(value: Any) -> Any:
    """Return a value of the engine as JSON knows it: named tuples become objects."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: as_json(each) for name, each in value._asdict().items()}
    if isinstance(value, tuple | list):
        return [as_json(each) for each in value]
    return value


class ObjectSchema(GenerateJsonSchema):
    """Describes a named tuple as the object that `as_json` writes, not as an array."""

    def arguments_schema(self, schema: core_schema.ArgumentsSchema) -> JsonSchemaValue:
        """Describe the fields by name; nothing else may stand beside them."""
        arguments = schema["arguments_schema"]
        described = self.kw_arguments_schema(arguments, None)
        described["required"] = [each["name"] for each in arguments]
        described["additionalProperties"] = False
        return described


_written = PlainSerializer(as_json)
StateJson = Annotated[HostState, _written]
DecisionJson = Annotated[Decision, _written]
FindingJson = Annotated[Finding, _written]
EvidenceJson = Annotated[Evidence, _written]
ClientJson = Annotated[Client, _written]
SettingJson = Annotated[EffectiveSetting, _written]
CredentialJson = Annotated[Credential, _written]
StepJson = Annotated[Step, _written]
