"""TIP315: a further file adds to what the administrators' first file allows."""

from tipstaff_policy.checks.model import (
    NOT_LOOKED,
    Check,
    Host,
    Outcome,
    at,
    not_applicable,
    unread_rules,
)

EXPECTED = "each list of a restriction in one file"

CHECK = Check(
    id="TIP315",
    title="Restriction widened by a further file",
    severity="medium",
    since="0.1.0",
    fails_when="a list that restricts sign-in is stated in several files, which the client unites",
    rationale="A reader of the first file believes that it lists all that is allowed; the client "
    "also allows what each further file adds.",
    remedy="State the list in one file, and take it out of the others.",
    source="tests/clients/claude/test_weak_rules.py",
    fails_on="examples/hosts/claude-drop-in-widens",
    passes_on="examples/hosts/claude-compliant",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Fail once for each list to which a further file adds."""
    widened = host.surroundings.widened
    if widened is None:
        return not_applicable(NOT_LOOKED, "policy")
    if unread := unread_rules(host.decision):
        return unread
    if not widened:
        return (Outcome("pass", "policy", "no further file adds to a restriction", EXPECTED),)
    return tuple(
        Outcome(
            "fail",
            restriction.key,
            f"{restriction.key} also allows {', '.join(restriction.added)}",
            EXPECTED,
            at(*restriction.origins),
        )
        for restriction in widened
    )
