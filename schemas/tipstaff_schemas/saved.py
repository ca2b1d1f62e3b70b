"""Reports that were saved: read whole, or refused with the place of what is wrong.

No value of what is read gets into a message, because it may be no report at all.
"""

from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from tipstaff_policy import __version__
from tipstaff_policy.errors import EvaluationError
from tipstaff_schemas.report import SCHEMA_VERSION, Report, Tool
from tipstaff_schemas.reports import MergedReports, MissingReport
from tipstaff_schemas.users import AuditOfUsers

EXPECTED = "what `tipstaff audit --format json` or `--format ndjson` writes"
MARKS = {"findings": Report, "users": AuditOfUsers, "reports": MergedReports}
"""A field that only this document has; what was enforced has none of them that counts here."""


class BadReportError(EvaluationError):
    """A saved report is cut off, of another program, or of another release."""


class ForeignReportError(BadReportError):
    """It is nothing that Tipstaff wrote as JSON."""


def read_saved(data: bytes, name: str) -> Report | AuditOfUsers | MergedReports:
    """Return a saved report; of several lines all of them as one document.

    Args:
        name: Of the file, for messages.

    Raises:
        BadReportError: It is none that this release reads whole.
    """
    lines = [line for line in data.splitlines() if line.strip()]
    if lines and _is_object(lines[0]) and (len(lines) > 1 or _is_missing(lines[0])):
        return _of_lines(data, name)
    if not lines:
        raise _foreign("is empty", name)
    return _document(data, name)


def is_other_format(data: bytes) -> bool:
    """Return whether a JSON document looks like what `--format` writes for other readers."""
    try:
        found = from_json(data)
    except ValueError:
        return False
    match found:
        case {"version": "2.1.0", "runs": list()}:
            return True  # SARIF
        case {"assessment-results": dict()}:
            return True  # OSCAL
        case [*events] if events:
            return all(isinstance(event, dict) and "class_uid" in event for event in events)  # OCSF
    return False


def _of_lines(data: bytes, name: str) -> MergedReports:
    reports: list[Report] = []
    missing: list[MissingReport] = []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        where = f"{name}:{number}"
        if _is_missing(line):
            missing.append(_validate(MissingReport, line, where))
            continue
        found = _document(line, where)
        if not isinstance(found, Report):
            raise _bad("is no report of one person on one host", where)
        reports.append(found)
    return MergedReports(tool=Tool(version=__version__), reports=reports, missing=missing)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(from_json(line), dict)
    except ValueError:
        return False


def _is_missing(line: bytes) -> bool:
    found = from_json(line) if _is_object(line) else {}
    return set(found) == set(MissingReport.model_fields)


def _document(data: bytes, name: str) -> Report | AuditOfUsers | MergedReports:
    try:
        found = from_json(data)
    except ValueError as error:
        cut_off = data.lstrip().startswith(b"{")
        refuse = _bad if cut_off else _foreign
        raise refuse(f"is no JSON, or cut off: {error}", name) from None
    if not isinstance(found, dict) or not isinstance(found.get("tool"), dict):
        raise _foreign("is no report of Tipstaff", name)
    if found["tool"].get("name") != "tipstaff":
        raise _foreign("is a report of another program", name)
    _require_version(found, name)
    model: Any = next((model for mark, model in MARKS.items() if mark in found), None)
    if model is None:
        raise _bad("is another document of Tipstaff, not the report of an audit", name)
    return _validate(model, data, name)  # type: ignore[no-any-return]


def _require_version(found: dict[str, Any], name: str) -> None:
    version = found.get("schema_version")
    if version == SCHEMA_VERSION:
        return
    if isinstance(version, str) and version.isdecimal() and len(version) < 10:
        newer = int(version) > int(SCHEMA_VERSION)
        raise BadReportError(
            f"is written by schema {version}, {'newer' if newer else 'older'} than this release",
            where=f"{name}: schema_version",
            expected=f"schema {SCHEMA_VERSION}",
            remedy="read it with a newer Tipstaff" if newer else "audit again",
        )
    raise _bad("does not say by which schema it is written", f"{name}: schema_version")


def _validate(model: Any, data: bytes, name: str) -> Any:
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"] if str(part).isprintable())
        raise _bad(first["msg"][:200], f"{name}: {place}") from None


def _bad(what: str, where: str) -> BadReportError:
    return BadReportError(
        what, where=where, expected=EXPECTED, remedy="copy the file again from where it was written"
    )


def _foreign(what: str, where: str) -> ForeignReportError:
    return ForeignReportError(
        what, where=where, expected=EXPECTED, remedy="name a report that was saved as JSON"
    )
