"""What lint finds in policy files, what a policy says, and what an artefact carries, as text."""

from tipstaff_reports.text import as_text
from tipstaff_schemas.authoring import LintEntry, PolicyLinted, PolicyTold
from tipstaff_schemas.rollout import ArtefactVerified, Signed


def render_linted(document: PolicyLinted) -> str:
    """Return two lines for each finding, or nothing where there is none."""
    lines = [
        line
        for finding in document.findings
        for line in (lint_line(finding), f"  {finding.suggestion}")
    ]
    return as_text(lines) if lines else ""


def lint_line(finding: LintEntry) -> str:
    """Return a finding as one line, which begins with its place."""
    place = finding.file if finding.line is None else f"{finding.file}:{finding.line}"
    return f"{place}: {finding.severity}: {finding.what} [{finding.rule}]"


def render_told(document: PolicyTold) -> str:
    """Return what a policy says, a line for each statement, under headings."""
    lines = [f"{document.file}: {document.id or 'a fragment'} {document.version or ''}".rstrip()]
    about = ""
    for statement in document.statements:
        heading = statement.about if statement.about != about else ""
        about = statement.about
        places = f"  [{', '.join(map(str, statement.origins))}]" if statement.origins else ""
        lines.append(f"  {heading:<13} {statement.says}{places}")
    return as_text(lines)


def render_verified(document: ArtefactVerified) -> str:
    """Return what an artefact was read back to, and how it stands to a policy."""
    lines = [
        f"{document.artefact}: {document.channel}, whole",
        f"  policy       {document.id} {document.version}",
        f"  fingerprint  {document.fingerprint}",
        f"  signature    {_signature(document.signature)}",
        *(
            f"  signed       {script}: PowerShell's, not judged"
            for script in document.signed_scripts
        ),
        *(f"  carries      {carry.name}  sha256:{carry.sha256}" for carry in document.carries),
        *(f"  says         {say.field} = {_value(say.value)}" for say in document.says),
    ]
    lines += [f"  lint         {lint_line(finding)}" for finding in document.lint]
    if document.against is not None:
        verdict = "is what it compiles to" if not document.differences else "is another policy"
        lines += [f"  against      {document.against}: {verdict}"]
        lines += [f"    {difference}" for difference in document.differences]
    return as_text(lines)


def _value(value: str | list[str]) -> str:
    return value if isinstance(value, str) else f"[{', '.join(value)}]"


def _signature(signature: Signed | None) -> str:
    if signature is None:
        return "none"
    trusted = "trusted" if signature.trusted else "not compared with a key that you trust"
    return f"{signature.kind}, by {signature.signer}, {trusted}"
