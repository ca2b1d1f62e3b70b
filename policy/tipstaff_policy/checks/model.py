"""What a check is made of, and what it returns."""

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

from tipstaff_policy.model.host_facts import HostFacts
from tipstaff_policy.model.state import Credential, Decision, HostState, Method, Origin, SignIn
from tipstaff_policy.organisation.in_force import Orders
from tipstaff_policy.record import Record

Severity = Literal["critical", "high", "medium", "low", "info"]
Status = Literal["pass", "fail", "not_applicable", "error"]
SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high", "critical")
"""From the mildest to the gravest."""


class Evidence(Record):
    """Where a person can see it with their own eyes."""

    path: str
    line: int | None = None
    key: str | None = None
    """The key inside a property list whose value holds the line; None for a file of lines."""

    def line_of_file(self) -> int | None:
        """Return the line where it is one of the file itself, so that a viewer can go there."""
        return None if self.key else self.line


PROPERTY_LIST = ".plist "


def locate(evidence: Evidence) -> Evidence:
    """Return evidence whose path can be opened: layers name a key of a property list with it."""
    file, _, key = evidence.path.rpartition(PROPERTY_LIST)
    if not file or not key.isidentifier():
        return evidence
    return Evidence(file + PROPERTY_LIST.rstrip(), evidence.line, key)


class Outcome(Record):
    """What one check says of one subject."""

    status: Status
    subject: str
    observed: str
    expected: str = ""
    evidence: tuple[Evidence, ...] = ()
    severity: Severity | None = None
    """Where it differs from the check's own."""
    remedy: str = ""
    """Where it can say more than the check's own."""


class Check(Record):
    """A check's metadata; its page in the manual is made from it."""

    id: str
    title: str
    severity: Severity
    since: str
    fails_when: str
    rationale: str
    remedy: str
    source: str
    fails_on: str
    """An example host on which it fails (for TIP205: is an error)."""
    passes_on: str
    logs_out: bool = False
    waivable: bool = True
    """Whether a waiver may cover it."""
    reads_policy: bool = False
    """Whether it reads the organisation's policy, so that it is an error where that is invalid."""


class Host(Record):
    """All that a check may look at."""

    state: HostState
    decision: Decision
    orders: Orders | None = None
    """The organisation's policy; None where there is none."""
    surroundings: HostFacts = HostFacts()
    """Facts about the client's host that its decision does not read."""
    sign_in: SignIn | None = None
    """How the credentials stand to the administrators' rules; None where only a check is asked."""
    methods: tuple[Method, ...] = ()
    """Every way to sign in to the client; fewer allowed means that a rule restricts them."""
    plain_stores: tuple[str, ...] = ()
    """The stores of the client that keep a login as plain text."""


Found = TypeVar("Found")
Evaluate = Callable[[Host], tuple[Outcome, ...]]

ENVIRONMENT_NOT_SEEN = "environment not seen"
TO_UPDATE = (
    "Update the client to a version that heeds what is deployed, or state the restriction where "
    "this version heeds it; TIP310 says more."
)
"""What to do where the client's version passes over what the administrators deployed."""
NOT_LOOKED = "not collected in this run"


def pass_or_fail(good: bool) -> Status:  # noqa: FBT001 - the one fact that it turns into a word
    """Return the status of a subject that is good or not."""
    return "pass" if good else "fail"


def at(*origins: Origin) -> tuple[Evidence, ...]:
    """Return the places of settings as evidence, each once."""
    return tuple(dict.fromkeys(Evidence(origin.path, origin.line) for origin in origins))


def parse_evidence(where: str) -> Evidence:
    """Return a place that is written as people write it, path:line, or a path alone."""
    path, _, line = where.rpartition(":")
    return Evidence(path, int(line)) if path and line.isdecimal() else Evidence(where)


def judge_undecided(decision: Decision) -> tuple[Outcome, ...] | None:
    """Return the outcome of a check that reads a decision which could not be made."""
    if decision.verdict in ("refuse", "unknown"):
        return (Outcome("error", "credential", f"not judged: {decision.reason}"),)
    return None


def judge_unread_rules(decision: Decision) -> tuple[Outcome, ...] | None:
    """Return the outcome of a check that reads rules which could not be read."""
    if decision.methods or decision.blocked_by:
        return None
    return (Outcome("error", "policy", f"not judged: {decision.reason}"),)


def fail_for_each(
    found: Sequence[Found] | None,
    describe: Callable[[Found], Outcome],
    passing: Outcome,
    rules_of: Decision | None = None,
) -> tuple[Outcome, ...]:
    """Return a failure for each thing that was found, or the pass where there is none.

    Args:
        found: None where it was not collected in this run.
        describe: Returns the failure of one of them.
        rules_of: The decision whose rules they were found in; unread ones are an error.
    """
    if found is None:
        return not_applicable(NOT_LOOKED, passing.subject)
    if rules_of and (unread := judge_unread_rules(rules_of)):
        return unread
    return tuple(map(describe, found)) or (passing,)


def credential_of(state: HostState, source: str | None) -> Credential | None:
    """Return the credential of a source."""
    return next(
        (credential for credential in state.credentials if credential.source == source), None
    )


def place_of(credential: Credential) -> tuple[Evidence, ...]:
    """Return the file of a credential as evidence; a variable has none."""
    return (Evidence(credential.path),) if credential.path else ()


def not_applicable(why: str, subject: str = "credential") -> tuple[Outcome, ...]:
    """Return that there is nothing to judge, and why."""
    return (Outcome("not_applicable", subject, why),)
