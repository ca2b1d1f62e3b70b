"""Logins and their stores, as plain text."""

from tipstaff_policy.clients.step_places import name_place
from tipstaff_policy.model.steps import Step
from tipstaff_reports.text import as_text, clean, revocation_lines
from tipstaff_schemas.credentials import (
    CopiesFound,
    CredentialsListed,
    ListedCredential,
    LoginMoved,
    LoginsRevoked,
    LogOutReport,
    MovedStep,
)
from tipstaff_schemas.report import Names

ENDINGS = {
    0: "logged out: no store contains a login",
    4: "NOT KNOWN: a store could not be read",
    11: "NOT LOGGED OUT: a login is left",
}
ASKED = {
    0: "no stored login is valid any more",
    4: "NOT KNOWN: a store could not be read",
    11: "NOT REVOKED: a login is still valid",
}
HEAD = ("store", "kind", "method", "workspace", "active", "mode", "age", "place")


def render_log_out(report: LogOutReport, client: str) -> str:
    """Return what a log-out of a client did, the answer first."""
    ending = ENDINGS[report.exit_code]
    if report.dry_run and report.exit_code == 11:
        ending = "dry run: nothing was removed"
    if report.exit_code == 0 and not any(step.outcome == "removed" for step in report.steps):
        ending = "not logged in: no store contains a login"
    asked = [line for revocation in report.revocations for line in revocation_lines(revocation)]
    steps = [_step("would be removed:", step, name_place(client, step)) for step in report.steps]
    lines = [f"{ending}  ({report.home})", *steps, *asked, *_note(report.note)]
    return _clean(lines)


def render_revoked(report: LoginsRevoked) -> str:
    """Return what became of each login at its issuer."""
    ending = ASKED[report.exit_code]
    if report.dry_run:
        ending = "dry run: no request was sent"
    asked = [line for revocation in report.revocations for line in revocation_lines(revocation)]
    return _clean([f"{ending}  ({report.home})", *asked])


def render_moved(report: LoginMoved) -> str:
    """Return what a move did, the answer first."""
    ending = {0: f"the login is in the {report.to}"}.get(report.exit_code, "NOT COMPLETE")
    if report.dry_run:
        ending = "dry run: nothing was moved"
    steps = [_step("planned", step, step.path or step.store) for step in report.steps]
    return _clean([f"{ending}  ({report.home})", *steps, *_note(report.note)])


def render_listed(report: CredentialsListed, names: Names = ()) -> str:
    """Return a line a login, in columns.

    Args:
        names: What the organisation calls workspaces, organisations and accounts.
    """
    owned = any(credential.identities is not None for credential in report.credentials)
    head = tuple("belongs to" if owned and name == "workspace" else name for name in HEAD)
    rows = [head, *(_row(credential, names) for credential in report.credentials)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD) - 1)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    ]
    if len(rows) == 1:
        lines = [f"no login  ({report.home})"]
    return _clean([*lines, *_note(report.note)])


def render_found(report: CopiesFound) -> str:
    """Return a line a copy, and what the search did not see."""
    lines = [f"{copy.reason:<27}  {copy.place}" + _in_brackets(copy.note) for copy in report.copies]
    lines += [f"{'not seen':<27}  {obstacle}" for obstacle in report.unseen]
    against = ", ".join(report.compared_with) or "nothing: no login is stored here"
    looked = f"{report.files} files of {report.entries} entries"
    lines.append(f"{len(report.copies)} found in {looked}, compared with {against}")
    return _clean(lines)


def progress(entries: int, files: int, folder: str) -> str:
    """Return one short line on how far a search is."""
    return clean(f"{entries} entries, {files} files read, {folder[-60:]}")


def _step(planned: str, step: Step | MovedStep, place: str) -> str:
    outcome = planned if step.outcome == "planned" else step.outcome
    return f"{outcome:<9} {place}" + (f": {step.detail}" if step.detail else "")


def _row(credential: ListedCredential, names: Names) -> tuple[str, ...]:
    notes = [credential.reason] if credential.reason else []
    notes += [f"links to {credential.target}"] if credential.target else []
    notes += (
        [f"{credential.links - 1} further name(s)"]
        if credential.links and credential.links > 1
        else []
    )
    return (
        credential.store,
        credential.kind or credential.state,
        credential.method or "-",
        ", ".join(credential.owners(names))
        or "/".join(filter(None, credential.workspace.list_claimed(names)))
        or "-",
        {True: "yes", False: "no", None: "?"}[credential.active],
        credential.mode or "-",
        "-" if credential.age_days is None else f"{credential.age_days} d",
        (credential.path or "environment") + _in_brackets("; ".join(notes)),
    )


def _in_brackets(text: str) -> str:
    return f"  ({text})" if text else ""


def _note(text: str) -> list[str]:
    return [f"note      {text}"] if text else []


def _clean(lines: list[str]) -> str:
    return as_text(lines)
