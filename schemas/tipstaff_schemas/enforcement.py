"""The report of an enforcement."""

from typing import Annotated, Literal

from pydantic import Field

from tipstaff_policy.logins.revocation import Revocation
from tipstaff_schemas.report import SCHEMA_VERSION, Part, Run, Tool
from tipstaff_schemas.values import ClientJson, DecisionJson, SignInJson, StepJson, written_as_json

RevocationJson = Annotated[Revocation, written_as_json]


class EnforcementReport(Part):
    """What one enforcement found, did and left."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    run: Run
    client: ClientJson
    sign_in: SignInJson
    """Judged under the locks, before anything was removed."""
    decision: DecisionJson | None
    """What the client would do; null where only compliance was asked for."""
    steps: list[StepJson]
    revocations: list[RevocationJson] = Field(default=[])
    """What became of each credential at its issuer, where that was asked for."""
    sign_in_after: SignInJson
    note: str
    dry_run: bool
    exit_code: int
