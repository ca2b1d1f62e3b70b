"""A client as documents write it, field by field as the engine's value has it."""

from pydantic import BaseModel

from tipstaff_policy.model.state import EntryPoint, Evidence, VersionSource


class ClientFields(BaseModel, defer_build=True):
    """The fields of `tipstaff_policy.model.state.Client`, for the models that add to them."""

    name: str
    version: str
    version_source: VersionSource
    path: str | None
    proven: bool
    entry_point: EntryPoint
    precedence: str
    precedence_evidence: Evidence
    may_be: list[str]
    writable_at: str | None
