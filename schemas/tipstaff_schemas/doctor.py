"""What `tipstaff doctor` writes as JSON."""

from typing import Annotated, Literal

from pydantic import PlainSerializer

from tipstaff_policy.doctor.diagnosis import Diagnosis, Mark
from tipstaff_policy.model.state import Platform
from tipstaff_schemas.report import SCHEMA_VERSION, Part, Tool
from tipstaff_schemas.values import as_json


class DoctorReport(Part):
    """Every symptom of a host, and the worst mark among them."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    platform: Platform
    home: str
    """The client's folder."""
    mark: Mark
    symptoms: list[Annotated[Diagnosis, PlainSerializer(as_json)]]
    exit_code: int
