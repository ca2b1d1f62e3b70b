"""Whether the policy lets a sign-in begin, and whether what came of it may stay."""

from collections.abc import Iterable

from tipstaff_policy.assessment.compliance import comply, identify_owners, name_owner
from tipstaff_policy.assessment.inspection import Inspection
from tipstaff_policy.assessment.removal_plan import Plan, plan_removal
from tipstaff_policy.checks.model import Host
from tipstaff_policy.checks.store import CHECK as STORE_CHECK
from tipstaff_policy.checks.store import evaluate as evaluate_store
from tipstaff_policy.clients import own_command
from tipstaff_policy.clients.interface.sign_in import Flow, Place, Trouble
from tipstaff_policy.errors import FINDINGS_EXIT, INVALID_EXIT, UNEVALUATED_EXIT, USAGE_EXIT
from tipstaff_policy.logins.sign_in.outcome import Attempt, Judged
from tipstaff_policy.model.host_facts import HostFacts
from tipstaff_policy.model.state import (
    Credential,
    Decision,
    HeldCredential,
    HostState,
    Identity,
    IdentityAttribute,
    Origin,
    SignIn,
    Violation,
    WorkspaceClaims,
)
from tipstaff_policy.organisation.violations import in_words

NOTHING_ASKED = "no login was requested, and the earlier one is unchanged"


def judge_beforehand(attempt: Attempt) -> Judged:
    """Return what forbids a flow before a secret is asked for; reads nothing but the attempt."""
    sight, decide = attempt.sight, attempt.adapter.decide
    if sight.faults:
        first = sight.faults[0]
        what = f"the organisation's policy is invalid: {first.where}: {first.what}"
        remedy = first.remedy or f"correct {first.where}"
        return Judged(Trouble(what, f"have the administrators {remedy}", INVALID_EXIT))
    decision = decide(with_credentials(sight.state, ()))
    if decision.verdict in ("refuse", "unknown"):
        code = INVALID_EXIT if decision.verdict == "refuse" else UNEVALUATED_EXIT
        return Judged(Trouble(decision.reason, "fix what is named, then sign in", code))
    place = place_of(attempt, sight.state)
    questions = (
        _method(attempt, decision, place),
        _store(attempt, decision, place),
        _variables(attempt),
    )
    trouble = next((question.trouble for question in questions if question.trouble), None)
    return Judged(trouble, tuple(word for question in questions for word in question.warnings))


def needs_answer(attempt: Attempt, new: Credential) -> bool:
    """Return whether the service has to say whose a login is that the client stored aside."""
    state = with_credentials(attempt.sight.state, (new,))
    content = new.content
    if not isinstance(content, HeldCredential) or not _is_known_by_client(attempt, content):
        return False
    if _is_limited_by_client(attempt, attempt.sight, attempt.adapter.decide(state)):
        return False
    return comply(state, attempt.adapter.by_administrators).verdict == "cannot_tell"


def judge_login(attempt: Attempt, sight: Inspection, new: Credential) -> Judged:
    """Return whether a login that was stored aside may take its place on a host.

    Args:
        sight: The host as it is now.
        new: The login, with the path that it would have.
    """
    decide, remedy = attempt.adapter.decide, "sign in again, as the policy allows"
    (new,) = identify_owners(
        with_credentials(sight.state._replace(identities=attempt.answers), (new,))
    ).everywhere()
    state = with_credentials(sight.state, (new,))
    decision = decide(state)
    if decision.verdict in ("log_out", "ignore_credential", "block"):
        what = f"this login breaks a rule: it {_words(attempt, decision)}"
        return Judged(Trouble(what, remedy, FINDINGS_EXIT, _origins(decision.violations)))
    content = new.content
    unknown = isinstance(content, HeldCredential) and _is_known_by_client(attempt, content)
    if unknown and _is_limited_by_client(attempt, sight, decision):
        # The client has asked the service whose it is, and has gone by its own rules.
        known = _read_owner_of_client(content, decision)  # type: ignore[arg-type]
        return judge_login(attempt, sight, new._replace(content=known))
    judged, plan = _plan(attempt, sight, state._replace(identities=attempt.answers))
    if plan.standing == "violates":
        return Judged(Trouble(plan.note, remedy, FINDINGS_EXIT, _origins(judged.violations)))
    if unknown:
        return _owner_unknown(attempt, judged) if plan.standing == "unevaluated" else Judged()
    if plan.standing in ("refused", "unevaluated") or decision.verdict != "allow":
        what = f"the stored login could not be judged: {plan.note}"
        remedy = "see `tipstaff audit`, then sign in again"
        return Judged(Trouble(what, remedy, UNEVALUATED_EXIT))
    return Judged(None, (plan.note,) if plan.standing == "warned" else ())


def _owner_unknown(attempt: Attempt, judged: SignIn) -> Judged:
    """Keep a login of which the service did not say whose it is; every start asks again."""
    then = "The login stays; Tipstaff asks again before the client starts"
    service = next((answer.service for answer in attempt.answers if answer.service), "")
    remedy = (
        f"have this machine reach {service}, then start the client"
        if service
        else ("start the client; if Tipstaff stops it, sign in again")
    )
    return Judged(None, (f"{judged.reason} {then}",), remedy)


def _origins(violations: Iterable[Violation]) -> tuple[Origin, ...]:
    return tuple(origin for violation in violations for origin in violation.origins)


def place_of(attempt: Attempt, state: HostState) -> Place:
    """Return where the client stores the login of a flow."""
    store = attempt.flow.store
    return attempt.sign_in.store_of(state) if store is None else Place(store, store)


def with_credentials(state: HostState, credentials: tuple[Credential, ...]) -> HostState:
    """Return a state in which these credentials are all that there is, for every version."""
    readings = tuple(reading._replace(credentials=credentials) for reading in state.readings)
    return state._replace(credentials=credentials, readings=readings, places=credentials)


def _plan(attempt: Attempt, sight: Inspection, state: HostState) -> tuple[SignIn, Plan]:
    """Return how a state complies, and what enforcement would do about it."""
    judged = comply(state, attempt.adapter.by_administrators)
    return judged, plan_removal(judged, sight.orders.stage.why if sight.orders else "")


def _words(attempt: Attempt, decision: Decision) -> str:
    broken = [_violation_in_words(attempt, violation) for violation in decision.violations]
    return "; ".join(broken) or decision.reason


def _violation_in_words(attempt: Attempt, violation: Violation) -> str:
    names = dict(attempt.sight.state.names())
    return in_words(violation, attempt.adapter.methods, names=names)


def _is_known_by_client(attempt: Attempt, content: HeldCredential) -> bool:
    by = attempt.flow.owner_known_by
    return content.kind == attempt.flow.kind and content.ask is not None and content.ask == by


def _method(attempt: Attempt, decision: Decision, place: Place) -> Judged:
    """Judge a login as this flow would bring at best."""
    sight, flow = attempt.sight, attempt.flow
    state = sight.state
    held = HeldCredential(flow.kind, flow.method, last_refresh=state.evaluated_at)
    held = held._replace(claims=_claim_workspace(_owner(sight, decision, "workspace")))
    if flow.owner is not None:
        owner = _owner(sight, decision, flow.owner)
        held = held._replace(identity=(Identity(flow.owner, owner, "token"),))
    wanted = Credential(place.source or attempt.adapter.slots[0].store, f"{state.home}/", held)
    expected = with_credentials(state, (wanted,))
    broken = attempt.adapter.decide(expected).violations
    if broken:
        return Judged(_before_asking(_explain_forbidden(attempt, broken[0])))
    ordered = comply(expected, attempt.adapter.by_administrators).violations
    return _apply_stage(sight, _explain_forbidden(attempt, ordered[0]) if ordered else None)


def _owner(sight: Inspection, decision: Decision, attribute: IdentityAttribute) -> str | None:
    """Return an owner that all rules allow; of those that contradict, one that some allow."""
    rule = sight.orders.owners(attribute) if sight.orders else None
    by_client = decision.list_allowed(attribute)
    allowed = by_client if rule is None else rule.values
    both = [owner for owner in allowed or () if owner in (by_client or allowed or ())]
    return next(iter([*both, *(by_client or ())]), None)


def _read_owner_of_client(content: HeldCredential, decision: Decision) -> HeldCredential:
    """Return a login of which the client has asked its service whose it is."""
    if content.identity is None:
        claims = _claim_workspace((decision.workspaces or (None,))[0])
        return content._replace(ask=None, claims=claims)
    attribute = content.identity[0].attribute
    return name_owner(content, (decision.list_allowed(attribute) or ("",))[0])


def _claim_workspace(workspace: str | None) -> WorkspaceClaims:
    return WorkspaceClaims(workspace, workspace, workspace, same_user=True)


def _explain_forbidden(attempt: Attempt, violation: Violation) -> Trouble:
    flows = attempt.sign_in.flows.values()
    others = [_command(attempt, flow) for flow in flows if flow.method in violation.allowed]
    by_method = violation.attribute == "login_method" and others
    remedy = (
        f"sign in by {' or '.join(others)}" if by_method else "ask the administrators of that rule"
    )
    breaks = _violation_in_words(attempt, violation)
    what = f"{_command(attempt, attempt.flow)} {breaks}"
    return Trouble(what, remedy, FINDINGS_EXIT, violation.origins)


def _command(attempt: Attempt, flow: Flow) -> str:
    flows = attempt.sign_in.flows
    names = [name for name, known in flows.items() if known == flow]
    option = flow.option or ("" if next(iter(flows)) in names else f"--by {names[0]}")
    command = f"tipstaff login {option}".strip()
    return f"`{own_command(attempt.adapter.name, command)}`"


def _store(attempt: Attempt, decision: Decision, place: Place) -> Judged:
    sight = attempt.sight
    if not place.source:
        what = f"the store is {place.setting}, which keeps a login in the memory of one process"
        return Judged(Trouble(what, f"choose another {attempt.sign_in.store_key}", USAGE_EXIT))
    facts = attempt.adapter.follows(sight.state, HostFacts())
    warnings: tuple[str, ...] = ()
    (found,) = evaluate_store(Host(sight.state, decision, sight.orders, facts))
    if found.status == "fail" and not _is_waived(sight, STORE_CHECK.id):
        places = " and ".join(
            evidence.path if evidence.line is None else f"{evidence.path}:{evidence.line}"
            for evidence in found.evidence
        )
        what = f"the login would be stored in the store {found.observed}; {places} allows "
        what += found.expected
        remedy = f"set {attempt.sign_in.store_key} to {found.expected}"
        judged = _apply_stage(sight, Trouble(what, remedy, FINDINGS_EXIT))
        if judged.trouble:
            return judged
        warnings = judged.warnings
    if place.unfit:
        what = f"the store is {place.setting}: {place.unfit}"
        remedy = "correct that, or sign in by the client and then run `tipstaff enforce`"
        return Judged(Trouble(what, remedy, UNEVALUATED_EXIT))
    return Judged(None, warnings)


def _is_waived(sight: Inspection, check: str) -> bool:
    found = sight.orders.waiver(check) if sight.orders else None
    return found is not None and found.standing == "active"


def _variables(attempt: Attempt) -> Judged:
    """Judge the credentials of the environment, which come before any stored one."""
    sight = attempt.sight
    variables = tuple(
        credential for credential in sight.state.credentials if not credential.is_stored
    )
    if not variables:
        return Judged()
    names = " and ".join(variable.source for variable in variables)
    alone = with_credentials(sight.state, variables)
    _, plan = _plan(attempt, sight, alone)
    if plan.standing == "violates":
        what = f"{plan.note} {NOTHING_ASKED.capitalize()}."
        return Judged(Trouble(what, f"unset {names}, then sign in", FINDINGS_EXIT))
    return Judged(None, (f"{names} is set, and overrides the stored login",))


def _is_limited_by_client(attempt: Attempt, sight: Inspection, decision: Decision) -> bool:
    """Return whether the client keeps out every owner that the organisation's policy keeps out.

    It asks the service itself, and goes by its own rules alone.
    """
    attribute = attempt.flow.owner or "workspace"
    rule = sight.orders.owners(attribute) if sight.orders else None
    by_client = decision.list_allowed(attribute)
    return rule is None or (by_client is not None and set(by_client) <= set(rule.values))


def _apply_stage(sight: Inspection, trouble: Trouble | None) -> Judged:
    """Turn away what the organisation forbids, or only warn, as far as its policy has come."""
    mode = sight.orders.stage.mode if sight.orders else "enforce"
    if trouble is None or mode == "silent":
        return Judged()
    if mode == "enforce":
        return Judged(_before_asking(trouble))
    return Judged(None, (f"{trouble.what}; not enforced yet",))


def _before_asking(trouble: Trouble) -> Trouble:
    """Return what forbids a login, with what is true of one that is refused."""
    return trouble._replace(what=f"{trouble.what}; {NOTHING_ASKED}")
