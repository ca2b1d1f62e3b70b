"""What lint finds in policy files, what a policy says, and what an artefact carries, as text."""

from collections.abc import Sequence

from tipstaff_reports.text import as_text
from tipstaff_schemas.authoring import LintEntry, PolicyInWords, PolicyLinted, StatementEntry
from tipstaff_schemas.rollout import ArtefactVerified, Signed


def render_linted(document: PolicyLinted) -> str:
    """Return two lines for each finding, or nothing if there is none."""
    lines = [
        line
        for finding in document.findings
        for line in (lint_line(finding), f"  {finding.suggestion}")
    ]
    return as_text(lines) if lines else ""


def lint_line(finding: LintEntry) -> str:
    """Return a finding as one line that begins with file and line."""
    place = finding.file if finding.line is None else f"{finding.file}:{finding.line}"
    return f"{place}: {finding.severity}: {finding.what} [{finding.rule}]"


def render_described(document: PolicyInWords) -> str:
    """Return what a policy says, a line for each statement, under headings."""
    title = f"{document.file}: {document.id or 'a fragment'} {document.version or ''}".rstrip()
    return as_text([title, *statement_lines(document.statements)])


def statement_lines(statements: Sequence[StatementEntry]) -> list[str]:
    """Return a line for each statement of a policy, under headings."""
    lines, about = [], ""
    for statement in statements:
        heading = statement.about if statement.about != about else ""
        about = statement.about
        places = f"  [{', '.join(map(str, statement.origins))}]" if statement.origins else ""
        lines.append(f"  {heading:<13} {statement.says}{places}")
    return lines


def render_verified(document: ArtefactVerified) -> str:
    """Return the policy in an artefact, and how it compares with another policy."""
    lines = [
        f"{document.artefact}: {document.channel}, intact",
        f"  policy       {document.id} {document.version}",
        f"  fingerprint  {document.fingerprint}",
        f"  signature    {_signature(document.signature)}",
        *(
            f"  signed       {script}: by PowerShell, not verified here"
            for script in document.signed_scripts
        ),
        *(f"  carries      {carry.name}  sha256:{carry.sha256}" for carry in document.carries),
        *(f"  says         {say.field} = {_value(say.value)}" for say in document.says),
    ]
    lines += [f"  lint         {lint_line(finding)}" for finding in document.lint]
    if document.against is not None:
        lines += [f"  against      {document.against}: {_verdict(document)}"]
        lines += [f"    {difference}" for difference in document.differences]
    return as_text(lines)


def _verdict(document: ArtefactVerified) -> str:
    if not document.differences:
        return "the same policy"
    if document.rendered_for is None:
        return "another policy"
    option = document.rendered_for
    return f"the same policy, rendered for another day: compare it with `{option}`"


def _value(value: str | list[str]) -> str:
    return value if isinstance(value, str) else f"[{', '.join(value)}]"


def _signature(signature: Signed | None) -> str:
    if signature is None:
        return "none"
    trusted = "trusted" if signature.trusted else "not compared with a key that you trust"
    return f"{signature.kind}, by {signature.signer}, {trusted}"
