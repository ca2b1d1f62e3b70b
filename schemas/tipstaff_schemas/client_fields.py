"""A client as documents write it, field by field as the engine's value has it."""

from typing import Any, ClassVar

from pydantic import BaseModel, SerializerFunctionWrapHandler, model_serializer

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
    knowledge: int | None = None
    """The counter of the installed knowledge that it is judged by; left out where Tipstaff's own
    counts."""
    UNSAID: ClassVar = ("knowledge",)
    """Fields that are left out where there is nothing to say."""

    @model_serializer(mode="wrap")
    def _without_unsaid(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = write(self)
        return {
            name: value
            for name, value in written.items()
            if name not in self.UNSAID or value is not None
        }
