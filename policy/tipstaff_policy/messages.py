"""What a person who is stopped reads: what happened, what to do, and whom to ask.

Never loaded where the client may start without a word. docs/stopped.md shows every case.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tipstaff_policy import errors
from tipstaff_policy.assessment.remedies import (
    _to_read,
    _together,
    list_named,
    to_settle,
    to_take_out,
)
from tipstaff_policy.clients import commands_of, load_client
from tipstaff_policy.clients.step_places import name_place
from tipstaff_policy.model.state import (
    OWNERS,
    Attribute,
    UnreadableCredential,
    Violation,
)
from tipstaff_policy.model.steps import Step
from tipstaff_policy.model.wording import OUTCOMES, add_names
from tipstaff_policy.system.files import END_SHORTAGE
from tipstaff_policy.system.streams import say

if TYPE_CHECKING:  # the first is loaded already; the second only where there is a policy
    from tipstaff_policy.enforcement.enforce import Enforcement

OF_A_LOG_OUT = (errors.FINDINGS_EXIT, errors.LOGGED_OUT_EXIT, errors.INCOMPLETE_EXIT)
"""The exit codes after which the organisation's message is true: it speaks of a log-out."""
DONE = ("removed", "terminated", "kept")


def explain(result: "Enforcement") -> int:
    """Report the result of an enforcement on standard error; return its exit code."""
    lines = [f"tipstaff: {_name_outcome(result)}: {result.note}"]
    # What is wrong, and where, the note has said.
    lines += [
        f"  expected: {fault.where}: {fault.expected}"
        for fault in result.policy_faults
        if fault.expected
    ]
    for step in result.steps:
        place = name_place(result.state.client.name, step)
        detail = f": {step.detail}" if step.detail else ""
        lines.append(f"  {step.outcome}: {place}{detail}")
    if to_do := _to_do(result):
        lines.append(f"  to do: {to_do}")
    if result.exit_code:
        lines += _whom_to_ask(result)
    say("\n".join(lines))
    return result.exit_code


def _name_outcome(result: "Enforcement") -> str:
    later = ", not enforced yet" if _is_only_unclear(result) else ""
    return f"{OUTCOMES[result.exit_code]}{later}"


def _is_only_unclear(result: "Enforcement") -> bool:
    """Return whether a credential cannot be judged that the policy would only warn of.

    Then the guard starts the client, and a person has time to do something about it.
    """
    sign_in = result.sign_in
    unclear = result.exit_code == errors.UNEVALUATED_EXIT and sign_in.verdict == "cannot_tell"
    return unclear and not sign_in.faults and sign_in.mode != "enforce"


def _to_do(result: "Enforcement") -> str:
    match result.exit_code:
        case errors.FINDINGS_EXIT:
            return f"before it is enforced, {_sign_in(result)}"
        case errors.INVALID_EXIT:
            return (
                "ask the administrators of this machine to correct the file named above; "
                "nothing was removed"
            )
        case errors.UNEVALUATED_EXIT:
            before = "before it is enforced, " if _is_only_unclear(result) else ""
            return f"{before}{_to_make_readable(result)}"
        case errors.LOGGED_OUT_EXIT:
            return _sign_in(result)
        case errors.INCOMPLETE_EXIT:
            left = dict.fromkeys(
                _to_finish(step, result) for step in result.steps if step.outcome not in DONE
            )
            return "; ".join([*left, "then start the client again"])
    return ""


def _to_finish(step: Step, result: "Enforcement") -> str:
    """Return what ends a credential that a log-out has left usable."""
    if step.action == "remove":
        return _to_remove(step, result.state.client.name)
    if step.store == "process":
        return f"end {step.path or 'every client that runs'}"
    found = {credential.source: credential for credential in result.state.everywhere()}
    place = found.get(step.store)
    if place is None or place.place == "variable":
        return f"unset {_together(result.state, step.store)}"
    if not place.is_stored:
        return to_take_out(place)
    if isinstance(place.content, UnreadableCredential):
        return _to_read(place, place.content, load_client(result.state.client.name))
    return f"delete {step.path}" if step.path else "find the other names of that file, delete them"


def _to_remove(step: Step, client: str) -> str:
    if step.outcome == "planned":
        return "run `tipstaff enforce`"
    return f"have the administrators of this machine remove {name_place(client, step)}"


def _to_make_readable(result: "Enforcement") -> str:
    sign_in = result.sign_in
    if any(fault.remedy == END_SHORTAGE for fault in sign_in.faults):
        return END_SHORTAGE
    if sign_in.faults:
        return "ask the administrators of this machine to correct the file named above"
    return to_settle(result.state, sign_in, _sign_in(result)) or "`tipstaff why` says more"


def _sign_in(result: "Enforcement") -> str:
    """Return how to sign in as every rule here allows."""
    client = load_client(result.state.client.name)
    owned = [method.name for method in client.methods if method.has_workspace]
    broken = _violations(result)
    methods = _find_allowed(result, "login_method", broken)
    if methods is None and any(violation.attribute in OWNERS for violation in broken):
        methods = tuple(owned)
    names = [name for name in client.sign_in if methods is None or name in methods]
    into = ""
    for owner in OWNERS if any(name in owned for name in names) else ():
        if allowed := _find_allowed(result, owner, broken):
            named = add_names(allowed, result.state.names())
            into = f", to {owner} {' or '.join(named)}"
    if not names:
        return "ask which login is allowed"
    commands = commands_of(client, "tipstaff")
    words = " or ".join(f"`{commands[name]}`" for name in names)
    return f"sign in as the policy allows{into}: {words}"


def _find_allowed(
    result: "Enforcement", attribute: Attribute, broken: tuple[Violation, ...]
) -> tuple[str, ...] | None:
    """Return what is left of an attribute; None where no rule is known."""
    ordered = result.state.ordered
    own = None
    if ordered is not None:
        own = ordered.login_methods
        if attribute in OWNERS:
            own = ordered.list_allowed(attribute)
    rules = [violation.allowed for violation in broken if violation.attribute == attribute]
    rules += [] if own is None else [own]
    if not rules:
        return None
    left = frozenset(rules[0]).intersection(*rules)
    return tuple(rule for rule in rules[0] if rule in left)


def _violations(result: "Enforcement") -> tuple[Violation, ...]:
    return (*result.sign_in.violations, *(result.decision.violations if result.decision else ()))


def _whom_to_ask(result: "Enforcement") -> Iterator[str]:
    if result.organisation:
        policy = result.organisation.policy
        if policy.message and result.exit_code in OF_A_LOG_OUT:
            yield policy.message.value
        yield from (f"  {line}" for line in list_named(policy))
        if policy.contact:
            return
    if result.exit_code == errors.INVALID_EXIT:
        return  # what is to be done names them already
    origins = [origin for violation in _violations(result) for origin in violation.origins]
    binding = result.sign_in.verdict == "violates" and origins
    who = f", who keep {origins[0].path}" if binding else ""
    if binding or result.exit_code == errors.UNEVALUATED_EXIT:
        yield f"  ask: the administrators of this machine{who}"
