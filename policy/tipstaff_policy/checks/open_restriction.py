"""TIP313: a restriction that the client does not apply to every credential."""

from tipstaff_policy.checks.model import (
    NOT_LOOKED,
    Check,
    Host,
    Outcome,
    at,
    not_applicable,
    unread_rules,
)

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
    gaps = host.surroundings.gaps
    if gaps is None:
        return not_applicable(NOT_LOOKED, "policy")
    if unread := unread_rules(host.decision):
        return unread
    if not gaps:
        return (Outcome("pass", "policy", "every restriction binds every credential", EXPECTED),)
    return tuple(
        Outcome(
            "fail",
            gap.key,
            f"{gap.key} lets pass: {gap.passes}",
            EXPECTED,
            at(*gap.origins),
            severity=None if gap.closable else "low",
            remedy=gap.remedy,
        )
        for gap in gaps
    )
