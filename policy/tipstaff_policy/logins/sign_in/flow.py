"""One sign-in from question to proof: may it begin, the client's own login aside, may it stay."""

import sys
from collections.abc import Sequence

from tipstaff_policy.assessment.explanation import name_keeper
from tipstaff_policy.assessment.inspection import inspect_host
from tipstaff_policy.assessment.remedies import list_named
from tipstaff_policy.clients import commands_of
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.sign_in import Trouble
from tipstaff_policy.clients.interface.slots import NO_FOLDER, Folder
from tipstaff_policy.enforcement.enforce import LOCK_TIMEOUT_S
from tipstaff_policy.errors import (
    FINDINGS_EXIT,
    INCOMPLETE_EXIT,
    INVALID_EXIT,
    UNEVALUATED_EXIT,
    EvaluationError,
    UsageError,
)
from tipstaff_policy.logins.revocation import Revocation, Revoker
from tipstaff_policy.logins.sign_in.client_process import Interruptions, interruptions, run_client
from tipstaff_policy.logins.sign_in.commit import Placing, find_placing, read_stored
from tipstaff_policy.logins.sign_in.outcome import Attempt, Earlier, Judged, LogIn, Outcome
from tipstaff_policy.logins.sign_in.policy_check import (
    judge_beforehand,
    judge_login,
    needs_answer,
    place_of,
)
from tipstaff_policy.logins.sign_in.staging import Aside, make_aside
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    Credential,
    HeldCredential,
    HostState,
    Origin,
)
from tipstaff_policy.parsing.masks import mask_words


def log_in(
    adapter: Adapter, request: Request, flow: str, *, lock_timeout_s: float = LOCK_TIMEOUT_S
) -> LogIn:
    """Sign in by the client's own login, under the policy; exit codes 0, 1, 3, 4, 11 and 130.

    The client revokes and deletes the earlier login before it opens its page. So it works in a
    folder aside, and what it stores there takes the earlier one's place only when it is judged.

    Raises:
        UsageError: There is no client on this machine, or its folder belongs to another user.
        AccessDeniedError: The client's folder cannot be written.
    """
    if sys.platform == "win32":
        raise UsageError(
            "Tipstaff leads no sign-in on Windows yet",
            expected="a sign-in by the client itself",
            remedy=f"sign in by `{adapter.program} login`, then run `tipstaff enforce`",
        )
    client = adapter.find_installations(request)[0]
    request = request._replace(client=client).read_with(detail="lines")
    sign_in = adapter.login()
    attempt = Attempt(
        adapter, request, sign_in, sign_in.flows[flow], inspect_host(adapter, request)
    )
    allowed = judge_beforehand(attempt)
    if allowed.trouble:
        return _turn_away(attempt, "refused", allowed.trouble)
    obstacle = sign_in.obstacle(request, attempt.flow)
    if obstacle:
        return _turn_away(attempt, "failed", obstacle)
    program = _program(adapter, request)
    with interruptions() as interrupted:
        result = _without_trace(attempt, program, interrupted, lock_timeout_s)
    return result._replace(warnings=(*allowed.warnings, *result.warnings))


def _without_trace(
    attempt: Attempt, program: str, interrupted: Interruptions, lock_timeout_s: float
) -> LogIn:
    """Sign in aside, and leave nothing there."""
    state, request = attempt.sight.state, attempt.request
    source = place_of(attempt, state).source
    slots = [
        slot for slot in attempt.adapter.slots if slot.store == source and slot.kind == "entry"
    ]

    def forget(path: str) -> None:
        for slot in slots:
            slot.erase(Folder(request, path, NO_FOLDER, on_request=True))

    result: LogIn | None = None
    try:
        with make_aside(state.home, attempt.sign_in.own_names, forget) as aside:
            result = _sign_in_aside(attempt, aside, program, interrupted, lock_timeout_s)
    except EvaluationError as error:
        if result is None:
            raise
        note = f"{result.note}; what was made aside stays: {error.where} {error.what}"
        return result._replace(note=note, remedy=error.remedy, exit_code=INCOMPLETE_EXIT)
    return result


def choose_flow(adapter: Adapter, by: str | None, options: Sequence[str]) -> str:
    """Return the name of the client's way to sign in that is asked for; the first for none.

    Args:
        by: Its name.
        options: Options of `tipstaff login`, each of which means one way too.
    Raises:
        UsageError: Two are asked for, or the client has no such one.
    """
    flows = adapter.login().flows
    by_option = {flow.option: name for name, flow in flows.items() if flow.option}
    chosen = [*([by] if by else ()), *(by_option.get(option, option) for option in options)]
    if len(chosen) > 1:
        raise UsageError(
            "choose one way to sign in",
            expected=f"one of {', '.join(by_option)}, or --by with one of {', '.join(flows)}",
        )
    name: str = next(iter([*chosen, *flows]))
    if name not in flows:
        raise UsageError(
            f"{adapter.name} has no way to sign in by {name}",
            expected=f"--by with one of {', '.join(flows)}",
        )
    return name


def hints(adapter: Adapter, request: Request, flow: str) -> tuple[str, ...]:
    """Return what helps a person before a flow begins."""
    sign_in = adapter.login()
    return sign_in.hints(request, sign_in.flows[flow])


def commands_to_sign_in(adapter: Adapter, state: HostState) -> dict[str, str]:
    """Return what to type to sign in, by login method.

    The client's own command only where this one cannot put a login in place: before it opens its
    page, that deletes the earlier login.
    """
    place = adapter.login().store_of(state)
    ours = state.platform == "linux" and place.source and not place.unfit
    program = "tipstaff" if ours else adapter.program
    return commands_of(adapter, program)


def _sign_in_aside(
    attempt: Attempt, aside: Aside, program: str, interrupted: Interruptions, lock_timeout_s: float
) -> LogIn:
    """Let the client sign in, and put what it stored in place."""
    request, sign_in, state = attempt.request, attempt.sign_in, attempt.sight.state
    begun = sign_in.log_end(request, state)
    words = (program, *attempt.flow.words)
    for override in request.overrides:
        words += ("-c", override)
    words += sign_in.options(request, state)
    env = {**request.env, sign_in.home_variable: aside.path}
    ran = run_client(words, env, request.cwd, interrupted)
    new, there = _read_new_login(attempt, aside)
    earlier = Revoker(attempt.adapter, request)
    if ran.code or ran.broken_off:
        trouble = sign_in.explain(request, state, ran, begun)
        outcome: Outcome = "refused" if trouble.exit_code == FINDINGS_EXIT else "failed"
        result = _turn_away(attempt, "interrupted" if ran.broken_off else outcome, trouble)
    elif new is None:
        what = "the client reported success, but stored no login in its store"
        result = _turn_away(attempt, "failed", Trouble(what, "sign in again", UNEVALUATED_EXIT))
    else:
        asked = _ask_for_owner(attempt, aside, new, there)
        result = _place(asked, aside, new, earlier, lock_timeout_s)
    if result.outcome == "signed_in":
        revoked = earlier.revoke(attempt.sight.organisation)
        revocations = _name_owners(revoked, "the login that was replaced")
    else:
        revocations = _discard(attempt, aside, new)
    return result._replace(revocations=revocations)


def _ask_for_owner(attempt: Attempt, aside: Aside, new: Credential, there: HostState) -> Attempt:
    """Ask the service whose a login is, where a rule is about that and nothing else shows it."""
    if not needs_answer(attempt, new):
        return attempt
    request = attempt.request._replace(client_home=aside.path)
    return attempt._replace(answers=attempt.adapter.identify(request, there, (new.source,)))


def _place(
    attempt: Attempt, aside: Aside, new: Credential, earlier: Revoker, lock_timeout_s: float
) -> LogIn:
    home = attempt.sight.state.home
    try:
        with attempt.adapter.hold(aside.folder, home, lock_timeout_s):
            return _put_in_place(attempt, aside, new, earlier)
    except EvaluationError as error:
        where = f"{error.where}: " if error.where else ""
        trouble = Trouble(f"{where}{error.what}", error.remedy, error.exit_code)
        return _turn_away(attempt, "failed", trouble)


def _discard(attempt: Attempt, aside: Aside, new: Credential | None) -> tuple[Revocation, ...]:
    """Have a login revoked that the service gave out and that is not kept.

    What is still aside: a login that could not be taken away again has left.
    """
    if new is None or not attempt.flow.gives_out:
        return ()
    request = attempt.request._replace(client_home=aside.path)
    revoker = Revoker(attempt.adapter, request)
    revoker.take(request, attempt.adapter.read_state(request), new.source)
    return _name_owners(
        revoker.revoke(attempt.sight.organisation), "the new login, which was discarded"
    )


def _name_owners(revocations: tuple[Revocation, ...], name: str) -> tuple[Revocation, ...]:
    """Say whose revocations they are: the place is not theirs any more, or never was."""
    return tuple(revocation._replace(path=name) for revocation in revocations)


def _program(adapter: Adapter, request: Request) -> str:
    if request.client is None or request.client.path is None:
        raise UsageError(
            f"no program of {adapter.name} was found",
            expected=f"{adapter.program} on the path, or installed for all users",
            remedy="install it, or name it by --program",
        )
    return request.client.path


def _read_new_login(attempt: Attempt, aside: Aside) -> tuple[Credential | None, HostState]:
    """Return what the client stored aside, as if it lay in its place, and the host around it."""
    request = attempt.request._replace(client_home=aside.path)
    source = place_of(attempt, attempt.sight.state).source
    there = inspect_host(attempt.adapter, request).state
    found = read_stored(there, source)
    if found is None:
        return None, there
    return found._replace(path=_path_of(attempt.sight.state, source)), there


def _path_of(state: HostState, source: str) -> str | None:
    return next(
        (credential.path for credential in state.credentials if credential.source == source), None
    )


def _put_in_place(attempt: Attempt, aside: Aside, new: Credential, earlier: Revoker) -> LogIn:
    """Judge the login on the host as it is now, let it replace the earlier one, and read it back.

    Under the client's locks.
    """
    adapter, request = attempt.adapter, attempt.request
    sight = inspect_host(adapter, request)
    attempt = attempt._replace(sight=sight)
    judged = _judge(attempt, new)
    if judged.trouble:
        return _turn_away(attempt, "refused", judged.trouble)
    before = read_stored(sight.state, new.source)
    if before and attempt.flow.revokes_earlier:
        earlier.take(request, sight.state, new.source)
    place = place_of(attempt, sight.state)
    placing = find_placing(adapter, request, aside, place._replace(source=new.source))
    placing.put()
    after = inspect_host(adapter, request).state
    found = read_stored(after, new.source)
    if found is None or found.content != new.content or not _is_plain(found):
        return _take_back(attempt, placing, new)
    warnings = (*judged.warnings, *_finish(placing))
    method = adapter.method(attempt.flow.method).label  # type: ignore[union-attr]
    note = f"signed in with {method}{_into(attempt, found)}; stored in {found.path}"
    kept: Earlier = "replaced" if before else "none"
    return LogIn(
        " ".join(attempt.flow.words),
        "signed_in",
        note,
        judged.remedy,
        after,
        kept,
        0,
        warnings,
        advice=_whom_to_ask(attempt, ()) if judged.remedy else (),
    )


def _finish(placing: Placing) -> tuple[str, ...]:
    try:
        placing.finish()
    except OSError as error:
        return (f"the plain file outside of the store stays: {error.strerror}",)
    return ()


def _judge(attempt: Attempt, new: Credential) -> Judged:
    """Judge by a policy that may have become another while the person signed in."""
    if attempt.sight.faults:
        return judge_beforehand(attempt)
    if not _is_plain(new):
        what = "what was stored is not a regular file of the user's own"
        return Judged(Trouble(what, "sign in again", UNEVALUATED_EXIT))
    return judge_login(attempt, attempt.sight, new)


def _is_plain(credential: Credential) -> bool:
    """Return whether no other user can read or change a credential file."""
    facts = credential.file
    return facts is None or (
        (facts.type, facts.links, facts.owner) == ("file", 1, facts.owner_expected)
        and not int(facts.mode, 8) & 0o077
    )


def _into(attempt: Attempt, credential: Credential) -> str:
    content = credential.content
    identities = content.identities if isinstance(content, HeldCredential) else ()
    answered = next((answer.workspace for answer in attempt.answers), None)
    for owner in identities:
        if value := answered if owner.known == "service" and answered else owner.value:
            return f' into {owner.attribute} "{value}"'
    return ""


def _take_back(attempt: Attempt, placing: Placing, new: Credential) -> LogIn:
    """Restore the earlier login, because the new one did not read back as it was."""
    what = "the new login did not read back as it was stored"
    try:
        placing.undo()
    except (OSError, EvaluationError) as error:
        why = error.strerror if isinstance(error, OSError) else error.what
        what = f"{what}, and could not be taken away: {why}"
        trouble = Trouble(what, f"look at {new.path}, then sign in again", INCOMPLETE_EXIT)
        return _turn_away(attempt, "failed", trouble)._replace(earlier="unclear")
    trouble = Trouble(f"{what}, and was taken away", "sign in again", UNEVALUATED_EXIT)
    return _turn_away(attempt, "failed", trouble)


def _turn_away(attempt: Attempt, outcome: Outcome, trouble: Trouble) -> LogIn:
    """Return that nothing was stored."""
    state = attempt.sight.state
    there = any(
        credential.is_stored and credential.content.state != "absent"
        for credential in state.credentials
    )
    return LogIn(
        " ".join(attempt.flow.words),
        outcome,
        trouble.what,
        trouble.remedy,
        state,
        "kept" if there else "none",
        trouble.exit_code,
        advice=_advice(attempt, trouble),
    )


def _advice(attempt: Attempt, trouble: Trouble) -> tuple[str, ...]:
    """Return the organisation's message where it refuses a login, and whom to ask."""
    organisation = attempt.sight.organisation
    message = organisation.policy.message if organisation else None
    is_refused = trouble.exit_code in (FINDINGS_EXIT, INVALID_EXIT)
    words = (mask_words(message.value),) if message and is_refused else ()
    return (*words, *_whom_to_ask(attempt, trouble.rules))


def _whom_to_ask(attempt: Attempt, rules: tuple[Origin, ...]) -> tuple[str, ...]:
    """Return whom the organisation's policy names; else who keeps the rules that are broken."""
    organisation = attempt.sight.organisation
    policy = organisation.policy if organisation else None
    said = tuple(list_named(policy)) if policy else ()
    if (policy and policy.contact) or not rules:
        return said
    return (f"ask: {name_keeper(attempt.sight.state, rules[0])}", *said)
