"""What the client does at start-up: one verdict, judged against the real client.

The steps carry the numbers of docs/clients/codex.md, "How the keys combine".
Source: tests/conformance/test_agreement.py (the versions in PROVEN).
"""

from tipstaff_policy.clients.codex.compliance import reasons
from tipstaff_policy.clients.codex.compliance.violations import (
    Allowed,
    Login,
    find_filtered_workspace,
    find_forced_violations,
    find_hiding_violations,
    intersect_rules,
)
from tipstaff_policy.clients.codex.config.rules_in_force import (
    fault_at,
    has_shapes,
    layers_in_force,
    provider_without_login,
    rules_of,
)
from tipstaff_policy.clients.codex.config.sign_in_keys import NO_RULES, Rules
from tipstaff_policy.clients.codex.credentials.plans import MANAGED_PLANS
from tipstaff_policy.clients.codex.credentials.workload import WORKLOAD_VARIABLES
from tipstaff_policy.clients.codex.decision.active_store import (
    credentials_in_force,
    list_emptied_stores,
    list_unread_stores,
)
from tipstaff_policy.clients.codex.decision.version_gaps import find_gaps
from tipstaff_policy.clients.codex.versions import Behaviour, behaviour_of
from tipstaff_policy.model.layers import faulty
from tipstaff_policy.model.state import (
    Credential,
    Decision,
    Fault,
    HeldCredential,
    HostState,
    Layer,
    UnreadableCredential,
    Violation,
)

CLOUD = "cloud"
"""The layer that the policy of the service makes."""
REFRESH_AGE_S = 8 * 86400
"""Age at which a login is refreshed whose access token shows no expiry."""
ENFORCING = ("exec", "interactive")
"""The entry points that log out; the others only hide what does not fit."""
ASKED = {"whoami": "whoami", "jwks": "jwks", "workload": "workload_identity"}
"""What a credential that only the service can judge makes a decision depend on."""
KEY_READERS = ("exec",)
"""The entry points that sign in by the variable with a key; the interactive one enforces it too."""


def decide_as_one(state: HostState) -> Decision:
    """Return what the client's version does on a state; reads nothing but the state.

    Source: tests/conformance/test_cloud_policy.py for the second step (client 0.169.0).
    """
    judged = state._replace(layers=layers_judged(state))
    return _add_served(judged, _decide(judged))


def layers_judged(state: HostState) -> tuple[Layer, ...]:
    """Return the layers that a start goes by.

    The policy of the service is loaded with a login that has passed the local rules.
    """
    layers = layers_in_force(state.layers, state.client, state.platform)
    local = tuple(layer for layer in layers if layer.name != CLOUD)
    if local == layers or state.client.entry_point == "status":
        return local
    decision = _decide(state._replace(layers=local))
    fetches = decision.verdict == "allow" and "cloud_policy" in decision.depends_on
    return layers if fetches else local


def _add_served(state: HostState, decision: Decision) -> Decision:
    """Add that a server of the organisation's, which is asked before all else, may turn it.

    Source: tests/conformance/test_config_server.py (clients 0.169.0 and 0.171.0).
    """
    starts = decision.verdict not in ("refuse", "unknown") and state.client.entry_point != "status"
    if not starts or not has_shapes(state.layers):
        return decision
    from tipstaff_policy.clients.codex.config.other_keys import config_server_of  # noqa: PLC0415

    origin = config_server_of(state.layers, state.client.version)
    if origin is None:
        return decision
    return decision._replace(
        reason=f"{decision.reason} {reasons.explain_served(origin)}",
        depends_on=(*decision.depends_on, "config_server"),
    )


def _decide(state: HostState) -> Decision:
    """Return what the client does by the layers of a state; each step where none before decides."""
    behaviour = behaviour_of(state.client.version)
    if behaviour is None:
        return _decide_unknown(f"client version {state.client.version}")
    missing_for = find_gaps(state, behaviour)
    if missing_for:
        read_as = f"{missing_for}, read as {state.client.precedence} reads it,"
        return _decide_unknown(f"{read_as} on client version {state.client.version}")
    faults = [*state.faults, *(layer.fault for layer in faulty(state.layers))]
    if faults:
        fault = min(faults, key=lambda candidate: candidate.effect != "refuse")
        return Decision(fault.effect, reasons.of_fault(fault))
    rules = rules_of(state.layers, state.platform, state.client.version)
    if isinstance(rules, Fault):
        return Decision(rules.effect, reasons.of_value(rules))
    stopped = fault_at(state.client.entry_point, state.layers, state.client.version)
    if stopped:
        return Decision(stopped.effect, reasons.of_value(stopped))
    allowed = intersect_rules(rules)
    showing = allowed if behaviour.hides else intersect_rules(NO_RULES)
    in_force = state._replace(credentials=credentials_in_force(state.credentials, rules))
    decision = (
        _refuse_without_method(rules, allowed)
        or _sign_in_by_workload(in_force, rules, workspaces=allowed.workspaces)
        or _undecidable(in_force)
        or _status_error(in_force, showing)
        or _enforce(in_force, rules, behaviour, list_emptied_stores(state.credentials, rules))
        or _start(in_force, rules, behaviour, showing)
    )
    return decision._replace(
        methods=allowed.methods,
        workspaces=allowed.workspaces,
        unread=list_unread_stores(state.credentials, rules),
    )


def _refuse_without_method(rules: Rules, allowed: Allowed) -> Decision | None:
    """Refuse where the rules leave no login method (step 3)."""
    if allowed.methods:
        return None
    blocked_by = tuple(rule.origin for rule in rules[:4] if rule)
    return Decision("refuse", reasons.unsatisfiable(rules), blocked_by=blocked_by)


def _sign_in_by_workload(
    state: HostState, rules: Rules, *, workspaces: tuple[str, ...] | None
) -> Decision | None:
    """Sign in by the workload identity that variables choose; nothing stored is looked at.

    At what is missing or not allowed, every entry point stops and keeps what is stored.

    Source: tests/conformance/test_workload_identity.py (client 0.169.0 and 0.171.0).
    """
    place = next(
        (credential for credential in state.credentials if credential.source in WORKLOAD_VARIABLES),
        None,
    )
    if place is None:
        return None
    if not isinstance(place.content, HeldCredential):
        return Decision("refuse", reasons.not_federated(place), active=place.source)
    login = Login(place, place.content)
    violations = find_hiding_violations(login, rules)
    if violations:
        broken = reasons.breaks(violations[0], state.names())
        reason = f"{reasons.holds(*login)}{broken}; the client stops."
        return Decision(
            "block",
            reason,
            depends_on=_depends_on(login, state),
            active=place.source,
            violations=violations,
        )
    if workspaces is not None:
        return _service_only(login)
    reason = f"{reasons.holds(*login)}{reasons.fits(rules)}{reasons.FEDERATED}."
    return Decision("allow", reason, depends_on=_depends_on(login, state), active=place.source)


def _undecidable(state: HostState) -> Decision | None:
    for credential in state.credentials:
        content = credential.content
        if isinstance(content, UnreadableCredential) and content.effect == "unknown":
            return Decision("unknown", f"{reasons.place(credential)} {content.reason}.")
    return None


def _enforce(
    state: HostState, rules: Rules, behaviour: Behaviour, removes: tuple[str, ...]
) -> Decision | None:
    """Under a forced key, delete a credential that breaks it (step 4)."""
    if state.client.entry_point not in ENFORCING:
        return None
    active = next(iter(state.credentials), None)
    if active is None:
        return None
    forced = rules.forced_method or rules.forced_workspaces
    if isinstance(active.content, UnreadableCredential):
        stops = forced or not behaviour.passes_over_unreadable
        return (
            _refuse_unreadable(active, active.content, "the client does not start")
            if stops
            else None
        )
    if not forced or not isinstance(active.content, HeldCredential):
        return None
    login = Login(active, active.content)
    return (
        _service_only(login)
        if login.content.ask
        else _log_out(state, login, find_forced_violations(login, rules, behaviour), removes)
    )


def _log_out(
    state: HostState, login: Login, violations: tuple[Violation, ...], removes: tuple[str, ...]
) -> Decision | None:
    if not violations:
        return None
    broken = reasons.breaks(violations[0], state.names())
    return Decision(
        "log_out",
        f"{reasons.holds(*login)}{broken}; the client logs out and exits.",
        removes=removes,
        depends_on=_depends_on(login, state),
        active=login.place.source,
        violations=violations[:1],
    )


def _status_error(state: HostState, showing: Allowed) -> Decision | None:
    """`login status` stops at a credential that cannot be read, unless its method hides it."""
    if state.client.entry_point != "status":
        return None
    for place in state.credentials:
        content = place.content
        hidden = content.method not in (None, *showing.methods)  # type: ignore[union-attr]
        if place.source == "CODEX_API_KEY" or hidden:
            continue
        if isinstance(content, UnreadableCredential):
            return _refuse_unreadable(place, content, "`login status` stops with an error")
        return None
    return None


def _refuse_unreadable(place: Credential, content: UnreadableCredential, end: str) -> Decision:
    why = f"{reasons.place(place)} {content.reason}"
    return Decision("refuse", f"{why}; {end}.", active=place.source)


def _start(state: HostState, rules: Rules, behaviour: Behaviour, allowed: Allowed) -> Decision:
    """Start; what does not fit counts as absent and stays stored (step 5)."""
    chosen = _choose(state, allowed)
    if chosen:
        if chosen.content.ask:
            return _service_only(chosen)
        if behaviour.stops_without_account and _names_no_account(chosen.content, state):
            reason = f"{reasons.holds(*chosen)} and an empty account id; the client stops."
            return Decision("refuse", reason, active=chosen.place.source)
        depends_on = _depends_on(chosen, state)
        turn = reasons.may_turn(depends_on, workspace_rule=allowed.workspaces is not None)
        unused = reasons.not_sent(provider_without_login(state.layers))
        reason = f"{reasons.holds(*chosen)}{reasons.fits(rules)}{turn}{unused}."
        return Decision("allow", reason, depends_on=depends_on, active=chosen.place.source)
    free = _choose(state, intersect_rules(NO_RULES))
    if free is None:
        return _decide_signed_out(state)
    violations = find_hiding_violations(free, rules)
    broken = reasons.breaks(violations[0], state.names())
    return Decision(
        "ignore_credential",
        f"{reasons.holds(*free)}{broken}; the client starts signed out "
        "and leaves the credential where it is.",
        depends_on=_depends_on(free, state),
        active=free.place.source,
        violations=violations,
    )


def _names_no_account(content: HeldCredential, state: HostState) -> bool:
    """Return whether the plain account id of a login is there and empty, and is asked for.

    Source: tests/conformance/cases_entry_points.py (the versions in PROVEN).
    """
    is_login = content.method == "chatgpt" and content.usable
    asks = state.client.entry_point == "interactive"
    return asks and is_login and content.claims.account_id == ""


def _choose(state: HostState, allowed: Allowed) -> Login | None:
    """Return the first credential of an allowed method, if its workspace is allowed too."""
    for place in state.credentials:
        content = place.content
        if place.source == "CODEX_API_KEY" and state.client.entry_point not in KEY_READERS:
            continue
        if isinstance(content, HeldCredential) and content.method in allowed.methods:
            asked = content.ask or content.method != "chatgpt"
            workspaces = None if asked else allowed.workspaces
            if workspaces is not None and find_filtered_workspace(content.claims) not in workspaces:
                return None
            return Login(place, content)
    return None


def _depends_on(login: Login, state: HostState) -> tuple[str, ...]:
    content = login.content
    if content.ask:
        return (ASKED[content.ask],)
    found = []
    if content.method == "chatgpt" and content.usable and _refresh_due(content, state.evaluated_at):
        found.append("refresh")
    if content.plan in MANAGED_PLANS:
        found.append("cloud_policy")
    return tuple(found)


def _refresh_due(content: HeldCredential, now: int) -> bool:
    if content.expires_at is not None:
        return content.expires_at <= now
    return content.last_refresh is not None and content.last_refresh + REFRESH_AGE_S <= now


def _service_only(login: Login) -> Decision:
    reason = reasons.not_evaluated(f"{reasons.holds(*login)}, which only the service can judge")
    asked = ASKED[login.content.ask] if login.content.ask else None
    depends_on = (asked,) if asked else ()
    return Decision("unknown", reason, depends_on=depends_on, active=login.place.source)


def _decide_signed_out(state: HostState) -> Decision:
    for credential in state.credentials:
        if isinstance(credential.content, UnreadableCredential):
            why = f"{reasons.place(credential)} {credential.content.reason}"
            reason = f"{why}; the client starts signed out."
            return Decision("not_logged_in", reason)
    return Decision("not_logged_in", f"No credential is stored in {state.home}.")


def _decide_unknown(what: str) -> Decision:
    return Decision("unknown", reasons.not_evaluated(what))
