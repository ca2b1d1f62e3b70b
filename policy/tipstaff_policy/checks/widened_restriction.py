"""TIP315: a further file adds to what the administrators' first file allows."""

from tipstaff_policy.checks.model import Check, Host, Outcome, at, fail_for_each
from tipstaff_policy.model.host_facts import Widened

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
    passing = Outcome("pass", "policy", "no further file adds to a restriction", EXPECTED)
    return fail_for_each(host.surroundings.widened, _describe, passing, host.decision)


def _describe(widened: Widened) -> Outcome:
    added = ", ".join(widened.added)
    return Outcome(
        "fail", widened.key, f"{widened.key} also allows {added}", EXPECTED, at(*widened.origins)
    )
