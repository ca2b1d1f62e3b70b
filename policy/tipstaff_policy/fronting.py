"""Standing in front of the client: enforce, take away what the policy forbids, become it.

The guard and ``tipstaff exec`` do this alike; they part only in how they tell a person.
"""

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tipstaff_policy import errors
from tipstaff_policy.clients.model import Adapter, Request, as_invoked
from tipstaff_policy.enforcement import Enforcement
from tipstaff_policy.installations import enforce_all, record_enforcement

if TYPE_CHECKING:  # loaded only where there is a policy
    from tipstaff_policy.organisation.model import OrganisationPolicy

ADVISED = (errors.FINDINGS_EXIT, errors.LOGGED_OUT_EXIT, errors.INCOMPLETE_EXIT)
"""The exit codes after which the organisation's own words help."""


def run_in_front(
    adapter: Adapter,
    request: Request,
    command: tuple[str, ...],
    report: Callable[[Request, Enforcement], int],
) -> int:
    """Become a command where the host complies; else return why not.

    Args:
        report: Tells a person what came of it, and returns the exit code.
    Raises:
        EvaluationError: The command has an option whose effect nobody knows.
        UsageError: There is no such program.
    """
    request = _fronting(adapter, request, command)
    result = enforce_all(adapter, request)
    if _may_scrub(result):
        request = request._replace(env=_without(request.env, result))
        result = enforce_all(adapter, request)
    code = report(request, result) if result.exit_code else 0
    if code and not _may_start(result, code):
        return code
    return _become(command, request.env)


def _fronting(adapter: Adapter, request: Request, command: tuple[str, ...]) -> Request:
    """Take over what the command line of the client says about the state it will run on."""
    invocation = adapter.read_invocation(command)
    if invocation is None:
        return request
    if invocation.unknown:
        raise errors.EvaluationError(
            f"the client's option {invocation.unknown} is unknown, so its effect is too",
            expected="an option of a proven client version",
            remedy="start the client without it, or update Tipstaff",
        )
    return as_invoked(request, invocation, command[0])


def _may_scrub(result: Enforcement) -> bool:
    """Return whether the policy lets a forbidden variable be taken from the client."""
    rule = result.organisation.policy.scrub_environment if result.organisation else None
    return rule is not None and rule.value and any(each.path is None for each in result.steps)


def _without(env: Mapping[str, str], result: Enforcement) -> Mapping[str, str]:
    """Return an environment without the variables that violate."""
    forbidden = [each.store for each in result.steps if each.path is None]
    say(f"tipstaff: taken out of the client's environment: {', '.join(forbidden)}")
    return {name: value for name, value in env.items() if name not in forbidden}


def _may_start(result: Enforcement, code: int) -> bool:
    """Return whether the client starts although something is wrong: only where the policy says."""
    if result.organisation is None:
        return False
    if code == errors.FINDINGS_EXIT:
        return True
    rule = result.organisation.policy.on_error
    opened = rule is not None and rule.value == "open"
    return opened and code in (errors.INVALID_EXIT, errors.UNEVALUATED_EXIT)


def _become(command: tuple[str, ...], env: Mapping[str, str]) -> int:
    import signal  # noqa: PLC0415 - costs start-up, and only a command needs it

    # Python ignores these two, and what a process ignores its successor ignores as well.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    try:
        os.execvpe(command[0], command, env)  # noqa: S606 - the command is the caller's own
    except OSError as error:
        raise errors.UsageError(
            f"cannot start {command[0]}: {error.strerror}", expected="a program"
        ) from error


def tell(request: Request, result: Enforcement, action: str) -> int:
    """Record what was done, and explain it; return its exit code."""
    if unlogged := record_enforcement(request, result, action):
        say(f"tipstaff: the action log could not be written: {unlogged}")
    return explain(result)


def explain(result: Enforcement) -> int:
    """Tell a person on standard error what came of an enforcement; return its exit code."""
    verdicts = {
        0: "complies",
        errors.FINDINGS_EXIT: "violates, not enforced yet",
        errors.INVALID_EXIT: "invalid",
        errors.UNEVALUATED_EXIT: "not evaluated",
        errors.LOGGED_OUT_EXIT: "logged out",
        errors.INCOMPLETE_EXIT: "log-out incomplete",
    }
    say(f"tipstaff: {verdicts[result.exit_code]}: {result.note}")
    for fault in result.policy_faults:
        lines = errors.error_text(fault.what, where=fault.where, expected=fault.expected)
        say(lines.removeprefix("error: "))
    for step in result.steps:
        place = step.path or step.store
        detail = f": {step.detail}" if step.detail else ""
        say(f"  {step.outcome}: {place}{detail}")
    remedies = {
        errors.INVALID_EXIT: "correct the file named above; nothing was removed",
        errors.UNEVALUATED_EXIT: "nothing was removed; `tipstaff audit` says more",
        errors.LOGGED_OUT_EXIT: "sign in as the policy allows: `tipstaff login`",
        errors.INCOMPLETE_EXIT: "a credential is still usable: see above, then run this again",
    }
    if result.exit_code in remedies:
        say(f"  to do: {remedies[result.exit_code]}")
    if result.exit_code in ADVISED and result.organisation:
        _say_what_the_organisation_says(result.organisation.policy)
    return result.exit_code


def _say_what_the_organisation_says(policy: "OrganisationPolicy") -> None:
    if policy.message:
        say(policy.message.value)
    for label, rule in (("ask", policy.contact), ("see", policy.help_url)):
        if rule:
            say(f"  {label}: {rule.value}")


def say(text: str) -> None:
    """Write a line for a person."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
