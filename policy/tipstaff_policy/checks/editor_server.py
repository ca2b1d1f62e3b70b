"""TIP406: the client's editor server ignores a forbidden credential and never removes it."""

from tipstaff_policy.checks.model import (
    Check,
    Host,
    Outcome,
    at,
    credential_of,
    judge_undecided,
    not_applicable,
    place_of,
)

CHECK = Check(
    id="TIP406",
    title="Forbidden credential that an editor keeps",
    severity="high",
    since="0.1.0",
    fails_when="a stored credential breaks a rule of the client: the server that it runs for "
    "editors ignores it, acts as signed out and never removes it",
    rationale="Who works in an editor alone never starts the command line that would log out, so "
    "the credential stays in the file.",
    remedy="Run `tipstaff enforce` as that user; it removes what the editor's server keeps.",
    source="tests/conformance/cases_entry_points.py",
    fails_on="examples/hosts/requirement-leaves-credential",
    passes_on="examples/hosts/compliant-chatgpt",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge the stored credential by the verdict; a variable is not in a store."""
    decision = host.decision
    if (open_question := judge_undecided(decision)) is not None:
        return open_question
    active = credential_of(host.state, decision.active)
    if active is None or not active.is_stored:
        return not_applicable("no stored credential is active")
    expected = "no forbidden credential in a store"
    if decision.verdict not in ("log_out", "ignore_credential"):
        return (Outcome("pass", active.source, "not forbidden", expected, place_of(active)),)
    places = place_of(active) + at(
        *(o for violation in decision.violations for o in violation.origins)
    )
    observed = "forbidden, and never removed by the editor server"
    return (Outcome("fail", active.source, observed, expected, places),)
