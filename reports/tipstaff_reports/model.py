"""What every report format is made from, and what a format is."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tipstaff_schemas.report import Report
from tipstaff_schemas.reports import MergedReports, MissingReport

if TYPE_CHECKING:
    from tipstaff_schemas.users import AuditOfUsers

    Document = Report | AuditOfUsers | MergedReports
else:  # the document of a root run is loaded by who makes or reads one
    Document = Report | MergedReports
"""A report of one person on one host, a root run over many persons, or several of either."""


class Audited(NamedTuple):
    """A document, and the same as one list, whichever of the three it is."""

    document: Document
    reports: tuple[Report, ...]
    """One for each user on a host, in the document's order; empty if none could be judged."""
    missing: tuple[MissingReport, ...]
    """Users and hosts without the expected report; no format may drop them."""


class Format(NamedTuple):
    """A way to write a report; one file of `formats/` each."""

    name: str
    standard: str
    """What it is, and in which version: "SARIF 2.1.0 (OASIS, errata 01)"."""
    judge: str
    """What holds it to its standard in `make test-real`, with its version."""
    leaves_out: str
    """What of a report it has no place for, or nothing; silence is never absence."""
    render: Callable[[Audited], str]
    """Pure: the same document gives the same text, with a final newline."""


def as_audit(document: Document) -> Audited:
    """Return a document as every format takes it."""
    match document:
        case Report():
            return Audited(document, (document,), ())
        case MergedReports():
            return Audited(document, tuple(document.reports), tuple(document.missing))
        case _:
            reports = tuple(user.report for user in document.users if user.report is not None)
            return Audited(document, reports, find_missing_users(document))


def each_report(document: Document, change: Callable[[Report], Report]) -> Document:
    """Return a document with every report in it changed."""
    match document:
        case Report():
            return change(document)
        case MergedReports():
            reports = [change(report) for report in document.reports]
            return document.model_copy(update={"reports": reports})
        case _:
            users = [
                user.model_copy(update={"report": change(user.report)}) if user.report else user
                for user in document.users
            ]
            return document.model_copy(update={"users": users})


def find_missing_users(document: "AuditOfUsers") -> tuple[MissingReport, ...]:
    """Return whom a root run could not judge; whom it had no reason to judge is not missing."""
    host = document.host.name
    failed = [
        MissingReport(host=host, user=user.user, reason=user.reason)
        for user in document.users
        if user.report is None and user.outcome != "skipped"
    ]
    unseen = [MissingReport(host=host, user=None, reason=obstacle) for obstacle in document.unseen]
    return (*failed, *unseen)
