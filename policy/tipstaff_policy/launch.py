"""Standing in front of the client: enforce, take away what the policy forbids, become it.

The guard and ``tipstaff exec`` share this; only their messages differ.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence

from tipstaff_policy import errors
from tipstaff_policy.assessment.inspection import find_asked_sources
from tipstaff_policy.clients.interface.adapter import Adapter, every_invocation
from tipstaff_policy.enforcement.all_clients import enforce_all
from tipstaff_policy.enforcement.enforce import DONE, Enforcement, View, view_of
from tipstaff_policy.model.request import Request
from tipstaff_policy.system.streams import say, say_once

Target = tuple[Adapter, Request]
"""A client, and what is asked about it."""
Report = Callable[[Adapter, Request, Enforcement], int]


def run_in_front(targets: Sequence[Target], command: tuple[str, ...], report: Report) -> int:
    """Become a command where the host complies; else return why not.

    What the client itself refuses, the client itself says: no file of the user's but a credential
    is read, unless a store that this start may not even use cannot be judged.

    Args:
        targets: The client that the command is; of any other command every client, because it may
            start each.
        report: Explains a result to a person, or has the full program judge; returns the exit
            code, of which 0 starts the command.
    Raises:
        UsageError: There is no such program, or an option names a folder that it does not use.
    """
    if any(request.client_home is not None for _, request in targets):
        raise errors.UsageError(
            "the command takes its folder from its own environment, not from this option",
            expected="the folder that the command uses",
            remedy="name the folder by the client's own variable",
        )
    env = targets[0][1].env

    def let_pass(adapter: Adapter, request: Request) -> int:
        nonlocal env
        code, env = _let_pass(
            adapter, request._replace(env=env).read_with(lean=True), command, report
        )
        return code

    return judge_each(targets, let_pass) or _become(command, env)


def judge_each(targets: Sequence[Target], judge: Callable[[Adapter, Request], int]) -> int:
    """Judge for one client after the other, and return the worst exit code.

    What goes wrong with one of several keeps no other one from being logged out.

    Raises:
        TipstaffError: Of one client alone.
    """
    if len(targets) == 1:
        return judge(*targets[0])
    say_once(begins=True)
    try:
        return errors.worst_exit(_judge_all(targets, judge))
    finally:
        say_once(begins=False)


def _judge_all(targets: Sequence[Target], judge: Callable[[Adapter, Request], int]) -> list[int]:
    codes = []
    for adapter, request in targets:
        try:
            codes.append(judge(adapter, request))
        except errors.TipstaffError as error:
            say(str(error))
            codes.append(error.exit_code)
        except Exception as error:  # noqa: BLE001 - of one adapter; see above
            say(f"error: internal error of {adapter.name} ({type(error).__name__})")
            codes.append(errors.INTERNAL_EXIT)
    return codes


def _let_pass(
    adapter: Adapter, request: Request, command: tuple[str, ...], report: Report
) -> tuple[int, Mapping[str, str]]:
    """Enforce for one client; return 0 where the command may start, and its environment."""
    lean, result = _enforce(adapter, request)
    if _service_could_know(result) and not starts_all_the_same(adapter, lean, command, result):
        lean, result = _enforce(adapter, lean.read_with(asks=True))
    if not result.exit_code or starts_all_the_same(adapter, lean, command, result):
        return 0, lean.env
    code = report(adapter, lean, result)
    return (0 if _may_start(result, code) else code), lean.env


def _enforce(adapter: Adapter, request: Request) -> tuple[Request, Enforcement]:
    """Enforce; return what came of it, and the request without what the policy takes away."""
    result = enforce_all(adapter, request)
    if _may_scrub(result):
        request = request._replace(env=_without(request.env, result, adapter.together))
        result = _together(result, enforce_all(adapter, request))
    return request, result


def _service_could_know(result: Enforcement) -> bool:
    """Return whether the client's service could judge what is unknown here."""
    unclear = result.exit_code == errors.UNEVALUATED_EXIT and not result.sign_in.faults
    return unclear and bool(find_asked_sources(result.state))


def starts_all_the_same(
    adapter: Adapter, request: Request, command: tuple[str, ...], result: Enforcement
) -> bool:
    """Return whether this very start certainly uses no credential that cannot be judged.

    A locked keyring, or an encrypted file without its passphrase, is no reason to stop a person
    whose client reads another store; nor is anything a reason to stop a command that signs in by
    no credential, such as the one that replaces a broken one.

    Args:
        result: What came of enforcement; a violation or a broken rule starts nothing.
    """
    unclear = result.exit_code == errors.UNEVALUATED_EXIT
    if not unclear or result.sign_in.verdict != "cannot_tell" or result.sign_in.faults:
        return False
    if result.needs_library and request.options.hands_over:
        return False  # the full program can judge it, and asks this question then
    return adapter.uses_no_credential(command) or _uses_what_complies(adapter, request, command)


def _uses_what_complies(adapter: Adapter, request: Request, command: tuple[str, ...]) -> bool:
    """Return whether every reading of a command certainly uses what complies."""
    if adapter.read_invocation(command) is None:
        return False
    readings = every_invocation(adapter, request.read_with(lean=False), command)
    return all(_complies_as(adapter, reading) for reading in readings)


def _complies_as(adapter: Adapter, asked: Request) -> bool:
    """Return whether one reading of the command certainly uses what complies.

    Also in the folders that the client's own further processes go on to.
    """
    view = view_of(adapter, asked)
    others = view.sight.state.further_homes
    return _is_fine(view) and all(
        _complies_as(adapter, asked._replace(client_home=other)) for other in others
    )


def _is_fine(view: View) -> bool:
    """Return whether a client that starts on this certainly uses what complies, or nothing."""
    if view.sign_in.verdict in ("complies", "nobody"):
        return True
    decision = view.decision
    if view.sign_in.verdict != "cannot_tell" or decision is None:
        return False
    if decision.verdict == "allow" or (decision.verdict == "unknown" and decision.active):
        # Unknown, but it is certain that only the service knows; it may have confirmed compliance.
        used = view.sign_in.find_judged(decision.active)
        return used is not None and used.verdict == "complies"
    return decision.verdict == "not_logged_in" and not decision.unread


def _may_scrub(result: Enforcement) -> bool:
    """Return whether the policy lets forbidden variables be taken from the client."""
    rule = result.organisation.policy.scrub_environment if result.organisation else None
    enforced = result.sign_in.mode == "enforce"
    return rule is not None and rule.value and enforced and bool(_list_forbidden(result))


def _list_forbidden(result: Enforcement) -> dict[str, None]:
    """Return the variables that take away what violates; settings of a file give none."""
    broken = result.sign_in.variables
    places = (place for place in result.state.everywhere() if place.source in broken)
    return dict.fromkeys(name for place in places for name in place.scrubbed_by)


def _without(
    env: Mapping[str, str], result: Enforcement, together: tuple[str, ...]
) -> Mapping[str, str]:
    """Return an environment without the variables that violate, nor those that belong to them."""
    forbidden = [*_list_forbidden(result)]
    if any(name in together for name in forbidden):
        forbidden += [name for name in together if name in env and name not in forbidden]
    say(f"tipstaff: taken out of the client's environment: {', '.join(forbidden)}")
    return {name: value for name, value in env.items() if name not in forbidden}


def _together(first: Enforcement, second: Enforcement) -> Enforcement:
    """Return what came of both runs, of which the second no longer saw the variables.

    A user who was logged out by the first gets its message, and the client does not start.
    """
    steps = tuple(step for step in first.steps if step.store not in first.sign_in.variables)
    if not steps:
        return second
    gone = all(step.outcome in DONE for step in steps)
    gone = gone and second.exit_code in (0, errors.LOGGED_OUT_EXIT)
    return first._replace(
        steps=(*steps, *second.steps),
        sign_in_after=second.sign_in_after,
        exit_code=errors.LOGGED_OUT_EXIT if gone else errors.INCOMPLETE_EXIT,
    )


def _may_start(result: Enforcement, code: int) -> bool:
    """Return whether the client starts although something is wrong: only where the policy says."""
    if not code:
        return True
    if result.organisation is None:
        return False
    if code == errors.FINDINGS_EXIT:
        return True
    if code == errors.UNEVALUATED_EXIT and _is_only_warned(result):
        return True
    rule = result.organisation.policy.on_error
    opened = rule is not None and rule.value == "open"
    return opened and code in (errors.INVALID_EXIT, errors.UNEVALUATED_EXIT)


def _is_only_warned(result: Enforcement) -> bool:
    """Return whether a login that cannot be judged would start, did it violate."""
    sign_in = result.sign_in
    return not sign_in.faults and sign_in.verdict == "cannot_tell" and sign_in.mode != "enforce"


def _become(command: tuple[str, ...], env: Mapping[str, str]) -> int:
    if sys.platform == "win32":
        from tipstaff_policy.clients.windows_shims import (  # noqa: PLC0415 - there only
            start_behind,
        )

        return start_behind(command, env)
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


def report_result(request: Request, result: Enforcement, action: str) -> int:
    """Record what was done, and explain it; return its exit code."""
    if result.exit_code in errors.LOG_OUT_EXITS:
        from tipstaff_policy.enforcement.action_entries import (  # noqa: PLC0415 - only then
            record_enforcement,
        )

        if unlogged := record_enforcement(request, result, action):
            say(f"tipstaff: the action log could not be written: {unlogged}")
    if not (result.exit_code or result.steps or result.policy_faults):
        from tipstaff_policy.model.wording import OUTCOMES  # noqa: PLC0415 - a line needs no more

        say(f"tipstaff: {OUTCOMES[0]}: {result.note}")
        return 0
    from tipstaff_policy.messages import (  # noqa: PLC0415 - only where there is something to say
        explain,
    )

    return explain(result)
