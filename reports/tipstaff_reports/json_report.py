"""The report as JSON: the model itself."""

from pydantic import BaseModel


def render(document: BaseModel) -> str:
    """Return a document as indented JSON with a final newline."""
    return document.model_dump_json(by_alias=True, indent=2) + "\n"
