"""TIP207: a credential is in a store not in force, or in another folder of the client."""

from tipstaff_policy.checks.model import (
    NOT_LOOKED,
    Check,
    Evidence,
    Host,
    Outcome,
    judge_unread_rules,
    not_applicable,
)
from tipstaff_policy.checks.residue import describe_standing
from tipstaff_policy.model.host_facts import LeftOver
from tipstaff_policy.model.state import Credential

EXPECTED = "no credential outside of the store in force"

CHECK = Check(
    id="TIP207",
    title="Credential left over",
    severity="medium",
    since="0.1.0",
    fails_when="a credential is in a store that is not in force, or in another folder of the "
    "client",
    rationale="No log-out reaches it, and one setting or another client folder brings it back.",
    remedy="Run the client's own log-out with that store or that folder in force, or delete the "
    "entry or file by hand.",
    source="tests/conformance/cases_stores.py",
    fails_on="examples/hosts/second-client-folder",
    passes_on="examples/hosts/compliant-chatgpt",
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Fail once for each credential in a place where the client does not look at present."""
    looked = host.surroundings.left_over
    if looked is None:
        return judge_unread_rules(host.decision) or not_applicable(NOT_LOOKED)
    outcomes = [
        Outcome(
            "fail", stray.path, _describe_observed(host, stray), EXPECTED, (Evidence(stray.path),)
        )
        for stray in looked.found
    ]
    outcomes += [
        Outcome("error", "credential", f"not searched: {obstacle}", EXPECTED)
        for obstacle in looked.unseen
    ]
    return tuple(outcomes) or (Outcome("pass", "credential", "nothing is left over", EXPECTED),)


def _describe_observed(host: Host, stray: LeftOver) -> str:
    credential = Credential(stray.source, stray.path, stray.content)
    return f"a credential that is not in use; {describe_standing(host, credential)}"
