"""A client as documents write it, field by field as the engine's value has it."""

from typing import ClassVar

from pydantic import BaseModel, model_serializer

from tipstaff_policy.model.state import EntryPoint, Evidence, VersionSource
from tipstaff_schemas.values import leave_unsaid


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
    knowledge: int | None = None
    """The counter of the installed knowledge that it is judged by; left out where Tipstaff's own
    counts."""
    UNSAID: ClassVar = ("knowledge",)
    """Fields that are left out where there is nothing to say."""

    _leave_unsaid = model_serializer(mode="wrap")(leave_unsaid)
