"""What `tipstaff login` writes as JSON."""

from typing import Literal

from tipstaff_policy.logins.sign_in.outcome import Earlier, Outcome
from tipstaff_schemas.enforcement import RevocationJson
from tipstaff_schemas.report import SCHEMA_VERSION, Part, Tool
from tipstaff_schemas.values import ClientJson


class LoginReport(Part):
    """How a sign-in ended, and what became of the login that was there before."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    client: ClientJson
    home: str
    """The client's folder."""
    flow: str
    """The client's own command."""
    outcome: Outcome
    note: str
    remedy: str
    """Empty where there is nothing to do."""
    earlier: Earlier
    """What became of the login that was stored before; `none` where there was none."""
    warnings: list[str]
    advice: list[str]
    """The organisation's message to a user whose login it refuses."""
    revocations: list[RevocationJson]
    """Of the login that was replaced, or of the one that was not kept."""
    exit_code: int
