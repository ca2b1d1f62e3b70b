"""TIP313: a restriction that the client does not apply to every credential."""

from tipstaff_policy.checks.model import Check, Host, Outcome, at, fail_for_each
from tipstaff_policy.model.host_facts import Gap

EXPECTED = "a restriction that every credential of the client has to satisfy"

CHECK = Check(
    id="TIP313",
    title="Restriction that the client applies in part",
    severity="medium",
    since="0.1.0",
    fails_when="a restriction is in force, and the client starts with credentials that it does "
    "not apply it to, because another setting is missing",
    rationale="The client asks less than the key promises: it starts with such a credential and "
    "says nothing. Only Tipstaff's own enforcement finds it.",
    remedy="Set what the finding names in the administrators' file.",
    source="tests/clients/claude/test_weak_rules.py",
    fails_on="examples/hosts/claude-pin-without-sign-in",
    passes_on="examples/hosts/claude-compliant",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Fail once for each group of credentials that a restriction in force lets pass."""
    passing = Outcome("pass", "policy", "every restriction binds every credential", EXPECTED)
    return fail_for_each(host.surroundings.gaps, _describe, passing, host.decision)


def _describe(gap: Gap) -> Outcome:
    return Outcome(
        "fail",
        gap.key,
        f"{gap.key} lets pass: {gap.passes}",
        EXPECTED,
        at(*gap.origins),
        severity=None if gap.closable else "low",
        remedy=gap.remedy,
    )
