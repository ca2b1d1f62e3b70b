"""`policy diff` and `policy simulate` as plain text: what an administrator needs to see first."""

from collections.abc import Callable, Sequence

from tipstaff_policy.assessment.policy_diff.meaning import Change
from tipstaff_policy.clients import list_known_methods
from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.violations import method_in_words
from tipstaff_reports.text import as_text
from tipstaff_schemas.comparison import (
    KeyTakenAway,
    Lost,
    OutcomeCounted,
    PersonSimulated,
    PoliciesCompared,
    PolicyNamed,
    PolicySimulated,
    StartShown,
)

HEADINGS = {"tightened": "tighter", "loosened": "looser", "other": "otherwise"}
WORDS = {
    "log_out": "would be logged out",
    "refused": "would not be able to start the client",
    "unknown": "could not be evaluated",
    "warned": "would only be warned",
    "left_alone": "would not be affected",
}
NO_WORKSPACE = "no workspace"


def render_comparison(document: PoliciesCompared) -> str:
    """Return what changes for whom: what gets tighter, then looser, then the rest."""
    lines = [f"from  {name_policy(document.before)}", f"to    {name_policy(document.after)}"]
    if not document.changes:
        lines += ["", "nothing changes for any user"]
    for direction, heading in HEADINGS.items():
        found = [change for change in document.changes if change.direction == direction]
        lines += ["", heading] if found else []
        lines += [line for change in found for line in _change(change)]
    return as_text(lines)


KEPT = (
    "  no delivery does so by itself: scripts and packages leave such a file and end with 3,",
    "  `sync` merges; `tipstaff policy render --merge-into FILE` takes them into the policy",
)


NOT_SEEN = (
    "may lose keys of the client where a file which is there is replaced: they were read from",
    "  reports, which do not hold every key of that file; `--hosts` names the keys of an image",
)


def render_simulation(document: PolicySimulated) -> str:
    """Return first who would lose the sign-in, and last what the simulation cannot see."""
    lines = [_headline(document), f"  {name_policy(document.policy)}, at {document.at}"]
    lines += [f"  ships {', '.join(document.ships)}", *describe_start(document.start)]
    if document.later:
        lines += [
            f"  more rules start later: simulate again with --at {' or '.join(document.later)}"
        ]
    lines += [line for outcome in document.outcomes if outcome.count for line in _outcome(outcome)]
    lines += render_lost("they sign in by", document.methods_lost, name_method)
    lines += render_lost("they belong to", document.workspaces_lost, name_workspace)
    if document.takes_away:
        lines += ["", "keys of the client that are lost where a file which is there is replaced:"]
        lines += map(_render_taken, document.takes_away)
        lines += KEPT
    if document.keys_not_seen:
        lines += ["", f"{document.keys_not_seen} {NOT_SEEN[0]}", *NOT_SEEN[1:]]
    if document.unreadable:
        lines += ["", f"{document.unreadable} could not be read; nothing is known about them"]
        lines += [f"  {unreadable.source}: {unreadable.why}" for unreadable in document.unread]
    if document.without_environment:
        blind = "seen without the person's environment: a credential in a variable does not show"
        lines += ["", f"{document.without_environment} were {blind}"]
    return as_text(lines)


def describe_start(start: StartShown | None) -> list[str]:
    """Return what the start of a policy has come to, and which hosts it has an effect on."""
    if start is None:
        return []
    return [
        f"  its start is at `{start.state}`",
        f"    with Tipstaff on the host: {start.with_tipstaff}",
        f"    without Tipstaff on the host: {start.without_tipstaff}",
        *(f"    asks: {says}" for says in start.asks),
        f"    next: {start.next}",
    ]


def _render_taken(taken: KeyTakenAway) -> str:
    hosts = "1 host" if taken.hosts == 1 else f"{taken.hosts} hosts"
    place = taken.path if taken.line is None else f"{taken.path}:{taken.line}"
    return f"  {taken.key}  {place}  ({hosts})"


def _headline(document: PolicySimulated) -> str:
    losing = [outcome for outcome in document.outcomes if outcome.outcome in ("log_out", "refused")]
    lost, new = sum(outcome.count for outcome in losing), sum(outcome.new for outcome in losing)
    share = f" ({100 * lost / document.simulated:.3g}%)" if document.simulated else ""
    message = f"{lost} of {document.simulated}{share} could not work any more, {new} of them newly"
    gate = document.gate
    open_ = sum(outcome.count for outcome in document.outcomes if outcome.outcome == "unknown")
    message += f"; unknown for {open_}" if open_ else ""
    if gate is None:
        return message
    verdict = "STOP" if gate.exceeded else "ok"
    return f"{verdict}  {message}; {gate.counted} counted, {gate.at_most} allowed"


def _outcome(counted: OutcomeCounted) -> list[str]:
    new = f", {counted.new} of them newly" if counted.new and counted.new != counted.count else ""
    lines = ["", f"{counted.count} {WORDS[counted.outcome]}{new}"]
    lines += [line for example in counted.examples for line in _example(example)]
    more = counted.count - len(counted.examples)
    return lines + ([f"  … and {more} more"] if more and counted.examples else [])


def _example(simulated: PersonSimulated) -> list[str]:
    result = simulated.result
    new = "new  " if result.is_new else "today"
    verdicts = f"{result.now.verdict} -> {result.then.verdict}, Tipstaff: {result.standing}"
    who = f"{simulated.user or 'an unknown user'} on {simulated.host}"
    return [f"  {new} {who}: {verdicts}  [{simulated.source}]", f"        {result.why}"]


def render_lost(
    heading: str, lost: Sequence[Lost], in_words: Callable[[str | None], str]
) -> list[str]:
    """Return how many lose a login, by its method or workspace; nothing where no one does."""
    if not lost:
        return []
    return [
        "",
        f"{heading}: {', '.join(f'{in_words(counted.name)} {counted.count}' for counted in lost)}",
    ]


def name_workspace(name: str | None) -> str:
    """Return a workspace as it is named, or that there is none."""
    return name or NO_WORKSPACE


def name_method(name: str | None) -> str:
    """Return what people call a login method, without its article."""
    if name is None:
        return NO_WORKSPACE
    return method_in_words(name, list_known_methods()).removeprefix("an ")


def name_policy(policy: PolicyNamed) -> str:
    """Return which policy it is."""
    return f"{policy.path}: {policy.id or 'a policy'} {policy.version or ''}".rstrip()


def _change(change: Change) -> list[str]:
    places = f"{_places(change.before)} -> {_places(change.after)}"
    return [f"  {change.what}", f"    {change.field}: {places}"]


def _places(origins: tuple[Origin, ...]) -> str:
    return " and ".join(map(str, origins)) or "not stated"
