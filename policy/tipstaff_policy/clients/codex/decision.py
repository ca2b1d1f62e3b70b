"""What the client does at start-up: one verdict, judged against the real client.

The steps carry the numbers of docs/clients/codex.md, "How the keys combine".
Source: tests/conformance/test_agreement.py (client 0.169.0).
"""

from collections.abc import Sequence
from typing import NamedTuple

from tipstaff_policy.clients.codex import reasons
from tipstaff_policy.clients.codex.keys import METHODS, NO_RULES, Restriction, Rules, read_rules
from tipstaff_policy.clients.codex.platforms import TABLES
from tipstaff_policy.clients.codex.versions import Behaviour, behaviour_of, version_number
from tipstaff_policy.layers import EffectivePolicy, faulty, merge
from tipstaff_policy.values import (
    Attribute,
    Credential,
    Decision,
    EntryPoint,
    Fault,
    FaultyLayer,
    HeldCredential,
    HostState,
    Layer,
    NoCredential,
    Origin,
    Platform,
    UnreadableCredential,
    Violation,
    WorkspaceClaims,
)

MANAGED_PLANS = ("business", "enterprise", "edu", "education", "hc")
REFRESH_AGE_S = 8 * 86400
"""Age at which a login is refreshed whose access token tells no expiry."""
ENFORCING = ("exec", "interactive")
"""The entry points that log out; the others only hide what does not fit."""
KEY_READERS = ("exec",)
"""The entry points that sign in by the variable with a key; the interactive one enforces it too."""
SETTLED_SINCE = (0, 150, 0)
"""Before, trust in several layers was seen to differ; other entry points were not run."""


class _Allowed(NamedTuple):
    """What all rules together leave."""

    methods: tuple[str, ...]
    workspaces: tuple[str, ...] | None


class _Login(NamedTuple):
    """A credential that is held, beside the place where it lies."""

    place: Credential
    content: HeldCredential


def decide(state: HostState) -> Decision:
    """Return what the client does on a state; reads nothing but the state.

    Source: tests/conformance/test_cloud_policy.py for the second step (client 0.169.0).
    """
    state = state._replace(layers=layers_in_force(state.layers, state.client.entry_point))
    local = state._replace(layers=tuple(each for each in state.layers if each.name != "cloud"))
    decision = _decide(local)
    fetches = state.client.entry_point != "status" and "cloud_policy" in decision.depends_on
    if decision.verdict == "allow" and fetches:
        # The policy of the service is loaded with the login that has passed so far.
        return _decide(state)
    return decision


def _decide(state: HostState) -> Decision:
    obstacle = _obstacle(state)
    if obstacle:
        return obstacle
    rules = rules_of(state.layers, state.platform, state.client.version)
    if isinstance(rules, Fault):
        return _from_fault(rules)
    unsettled = _unsettled(state)
    if unsettled:
        return _unknown(f"{unsettled} on client version {state.client.version}")
    allowed = _allowed(rules)
    blocked_by = () if allowed.methods else tuple(each.origin for each in rules[:4] if each)
    in_force = state._replace(credentials=_in_force(state, rules))
    decision = (
        _blocked(rules, blocked_by)
        or _undecidable(in_force)
        or _enforce(in_force, rules, _removable(state, rules))
        or _start(in_force, rules, allowed)
    )
    return decision._replace(
        methods=allowed.methods, workspaces=allowed.workspaces, unread=_unread(state, rules)
    )


def layers_in_force(layers: tuple[Layer, ...], entry_point: EntryPoint) -> tuple[Layer, ...]:
    """Return the layers that an entry point goes by.

    The app-server does not stop at a fault: it starts again without the personal files, and
    without requirements that are no TOML document at all.

    Source: tests/conformance/cases_entry_points.py (client 0.169.0).
    """
    if entry_point != "app-server" or not _has_fault(layers):
        return layers
    return tuple(
        each
        for each in layers
        if each.name not in ("user", "profile", "project")
        and not (each.grammar == "requirements" and isinstance(each.content, FaultyLayer))
    )


def _has_fault(layers: tuple[Layer, ...]) -> bool:
    """Return whether something certainly stops a plain start."""
    if any(each.fault.effect == "unknown" for each in faulty(layers)):
        return False
    rules = read_rules(merge(layers, "config"), merge(layers, "requirements"))
    return bool(faulty(layers)) or (isinstance(rules, Fault) and rules.effect == "refuse")


def rules_of(layers: Sequence[Layer], platform: Platform, version: str) -> Rules | Fault:
    """Return the sign-in rules that the layers of a host make, or what is wrong with them."""
    behaviour = behaviour_of(version)
    config, requirements = merge(layers, "config"), merge(layers, "requirements")
    if behaviour:
        requirements = _known_requirements(requirements, behaviour)
    lists = behaviour is None or behaviour.takes_workspace_lists
    encrypts = TABLES[platform].encrypts
    return read_rules(config, requirements, encrypts=encrypts, workspace_lists=lists)


def _known_requirements(requirements: EffectivePolicy, behaviour: Behaviour) -> EffectivePolicy:
    """Leave out the keys that a version of the client does not know, and passes over silently."""
    unknown: tuple[str, ...] = ()
    if not behaviour.hides:
        unknown += ("allowed_login_methods", "allowed_chatgpt_workspaces")
    if not behaviour.reads_required_store:
        unknown += ("cli_auth_credentials_store", "chatgpt_base_url")
    return EffectivePolicy(tuple(each for each in requirements.settings if each.key not in unknown))


def _blocked(rules: Rules, blocked_by: tuple[Origin, ...]) -> Decision | None:
    if not blocked_by:
        return None
    return Decision("refuse", reasons.unsatisfiable(rules), blocked_by=blocked_by)


def _undecidable(state: HostState) -> Decision | None:
    for credential in state.credentials:
        content = credential.content
        if isinstance(content, UnreadableCredential) and content.effect == "unknown":
            return Decision("unknown", f"{reasons.place(credential)} {content.reason}.")
    return None


def _in_force(state: HostState, rules: Rules) -> tuple[Credential, ...]:
    """Return the variables and the one stored credential that the client loads.

    Source: tests/conformance/test_keyring.py (client 0.169.0).
    """
    variables = tuple(each for each in state.credentials if each.path is None)
    secure = "encrypted" if rules.encrypted else "keyring"
    order = {"file": ("file",), "keyring": (secure,), "auto": (secure, "file"), "ephemeral": ()}
    for source in order[rules.store]:
        for each in state.credentials:
            content = each.content
            falls_back = (
                rules.store == "auto"
                and source != "file"
                and isinstance(content, UnreadableCredential)
                and content.effect == "refuse"
                and not content.decoded
            )
            if each.source == source and not isinstance(content, NoCredential) and not falls_back:
                return (*variables, each)
    return variables


def _unread(state: HostState, rules: Rules) -> tuple[str, ...]:
    """Return the sources in force, or passed over, that hold something unreadable."""
    in_force = _in_force(state, rules)
    counts = {"file": ("file",), "ephemeral": ()}.get(rules.store, ("encrypted", "keyring", "file"))
    return tuple(
        each.source
        for each in state.credentials
        if isinstance(each.content, UnreadableCredential)
        and (each in in_force or (each.content.present and each.source in counts))
    )


def _obstacle(state: HostState) -> Decision | None:
    """Return the decision where the rules cannot even be asked (step 1)."""
    if behaviour_of(state.client.version) is None:
        return _unknown(f"client version {state.client.version}")
    faults = [*state.faults, *(each.fault for each in faulty(state.layers))]
    if faults:
        return _from_fault(min(faults, key=lambda each: each.effect != "refuse"))
    return None


def _allowed(rules: Rules) -> _Allowed:
    """Intersect what the forced and the allowed keys leave (steps 2 and 3)."""
    workspaces: tuple[str, ...] | None = None
    for rule in (rules.forced_workspaces, rules.allowed_workspaces):
        if rule:
            before = rule.values if workspaces is None else workspaces
            workspaces = tuple(each for each in before if each in rule.values)
    method_rules = [each for each in (rules.forced_method, rules.allowed_methods) if each]
    methods = tuple(
        method
        for method in METHODS
        if all(method in rule.values for rule in method_rules)
        and not (method == "chatgpt" and workspaces == ())
    )
    return _Allowed(methods, workspaces)


def _enforce(state: HostState, rules: Rules, removes: tuple[str, ...]) -> Decision | None:
    """Under a forced key, delete a credential that breaks it (step 4)."""
    if state.client.entry_point not in ENFORCING:
        return _status_error(state)
    active = next((e for e in state.credentials if not isinstance(e.content, NoCredential)), None)
    behaviour = behaviour_of(state.client.version)
    forced = rules.forced_method or rules.forced_workspaces
    lenient = behaviour is None or behaviour.passes_over_unreadable
    unread = active is not None and isinstance(active.content, UnreadableCredential)
    if active is None or not (forced or (unread and not lenient)):
        return None
    if not isinstance(active.content, HeldCredential):
        why = f"{reasons.place(active)} {active.content.reason}"  # type: ignore[union-attr]
        return Decision("refuse", f"{why}; the client does not start.", active=active.source)
    login = _Login(active, active.content)
    if login.content.ask:
        return _service_only(login)
    workspace = _enforced(login.content.claims, behaviour_of(state.client.version))
    violations = _forced_violations(login, rules, workspace)
    if not violations:
        return None
    return Decision(
        "log_out",
        f"{reasons.holds(*login)}{reasons.breaks(violations[0])}; the client logs out and exits.",
        removes=removes,
        depends_on=_depends_on(login, state),
        active=active.source,
        violations=violations[:1],
    )


def _status_error(state: HostState) -> Decision | None:
    """`login status` stops at a credential that cannot be read; the app-server passes over it."""
    seen = (each for each in state.credentials if each.source != "CODEX_API_KEY")
    active = next(seen, None)
    if state.client.entry_point != "status" or active is None:
        return None
    if not isinstance(active.content, UnreadableCredential):
        return None
    why = f"{reasons.place(active)} {active.content.reason}"
    return Decision("refuse", f"{why}; `login status` stops with an error.", active=active.source)


def _start(state: HostState, rules: Rules, allowed: _Allowed) -> Decision:
    """Start; what does not fit counts as absent and stays stored (step 5)."""
    behaviour = behaviour_of(state.client.version)
    chosen = _choose(state, allowed if behaviour is None or behaviour.hides else _allowed(NO_RULES))
    if chosen:
        if chosen.content.ask:
            return _service_only(chosen)
        depends_on = _depends_on(chosen, state)
        turn = reasons.may_turn(depends_on, workspace_rule=allowed.workspaces is not None)
        reason = f"{reasons.holds(*chosen)}{reasons.fits(rules)}{turn}."
        return Decision("allow", reason, depends_on=depends_on, active=chosen.place.source)
    free = _choose(state, _allowed(NO_RULES))
    if free is None:
        return _signed_out(state)
    violations = _hiding_violations(free, rules)
    return Decision(
        "ignore_credential",
        f"{reasons.holds(*free)}{reasons.breaks(violations[0])}; the client starts signed out "
        "and leaves the credential where it is.",
        depends_on=_depends_on(free, state),
        active=free.place.source,
        violations=violations,
    )


def _choose(state: HostState, allowed: _Allowed) -> _Login | None:
    """Return the first credential of an allowed method, if its workspace is allowed too."""
    for place in state.credentials:
        content = place.content
        if place.source == "CODEX_API_KEY" and state.client.entry_point not in KEY_READERS:
            continue
        if isinstance(content, HeldCredential) and content.method in allowed.methods:
            ruled = allowed.workspaces is not None and content.method == "chatgpt"
            if ruled and not content.ask and _filtered(content.claims) not in allowed.workspaces:  # type: ignore[operator]
                return None
            return _Login(place, content)
    return None


def _forced_violations(login: _Login, rules: Rules, workspace: str | None) -> tuple[Violation, ...]:
    """Return what breaks the forced keys, which are judged without the requirements."""
    claimed = workspace if login.content.usable else None
    found = (
        _method_violation(login, rules.forced_method),
        _workspace_violation(login, claimed, rules.forced_workspaces),
    )
    return tuple(each for each in found if each)


def _hiding_violations(login: _Login, rules: Rules) -> tuple[Violation, ...]:
    """Return what hides a credential that would be used without rules."""
    workspace = _filtered(login.content.claims)
    found = [
        *(_method_violation(login, each) for each in (rules.allowed_methods, rules.forced_method)),
        *(
            _workspace_violation(login, workspace, each)
            for each in (rules.allowed_workspaces, rules.forced_workspaces)
            # Whose an access token is, only the service knows; that nobody fits is certain.
            if not login.content.ask or (each and not each.values)
        ),
    ]
    return tuple(each for each in found if each)


def _method_violation(login: _Login, rule: Restriction | None) -> Violation | None:
    method = login.content.method
    return (
        None
        if rule is None or method in rule.values
        else _violation("login_method", login, method, rule)
    )


def _workspace_violation(
    login: _Login, workspace: str | None, rule: Restriction | None
) -> Violation | None:
    if rule is None or login.content.method != "chatgpt" or workspace in rule.values:
        return None
    return _violation("workspace", login, workspace, rule)


def _violation(
    attribute: Attribute, login: _Login, observed: str | None, rule: Restriction
) -> Violation:
    return Violation(attribute, login.place.source, observed, rule.values, (rule.origin,))


def _filtered(claims: WorkspaceClaims) -> str | None:
    """Return the workspace that step 5 reads: the plain field, the claim only without it."""
    return claims.id_token if claims.account_id is None else claims.account_id


def workspace_of(content: HeldCredential) -> str | None:
    """Return the workspace by which a login is used."""
    return _filtered(content.claims)


def _enforced(claims: WorkspaceClaims, behaviour: Behaviour | None) -> str | None:
    """Return the workspace that step 4 reads.

    The id token's claim. Newer clients prefer the plain field where the access token agrees with
    it and both tokens belong to one user.
    """
    agree = claims.account_id is not None and claims.account_id == claims.access_token
    newer = behaviour is not None and behaviour.confirms_account
    return claims.account_id if newer and agree and claims.same_user else claims.id_token


def _unsettled(state: HostState) -> str | None:
    """Return what of a state the versions before 0.150 were seen to judge otherwise."""
    number = version_number(state.client.version)
    if number is None or number >= SETTLED_SINCE:
        return None
    if state.client.entry_point != "exec":
        return f"the entry point {state.client.entry_point!r}"
    if any(each.name == "profile" for each in state.layers):
        return "a profile"
    projects = merge(state.layers, "config").get("projects")
    if projects and (projects.overridden or projects.origin.layer == "managed"):
        return "trust in projects by the managed or by several layers"
    return None


REMOVAL_ORDER = {
    "file": ("file",),
    "keyring": ("keyring", "file"),
    "encrypted": ("encrypted", "file", "keyring"),
    "ephemeral": (),
}
"""The client empties these in this order and stops at the first that it cannot empty."""


def _removable(state: HostState, rules: Rules) -> tuple[str, ...]:
    secure = "encrypted" if rules.encrypted else "keyring"
    removed: list[str] = []
    for source in REMOVAL_ORDER[secure if rules.store in ("keyring", "auto") else rules.store]:
        for each in state.credentials:
            if each.source == source and not each.removable:
                return tuple(removed)
            # A link to nowhere holds nothing, and is removed with the rest.
            there = each.file is not None or not isinstance(each.content, NoCredential)
            if each.source == source and there:
                removed.append(source)
    return tuple(removed)


def _depends_on(login: _Login, state: HostState) -> tuple[str, ...]:
    content = login.content
    if content.ask:
        return (content.ask,)
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


def _service_only(login: _Login) -> Decision:
    reason = reasons.not_evaluated(f"{reasons.holds(*login)}, which only the service can judge")
    asked = (login.content.ask,) if login.content.ask else ()
    return Decision("unknown", reason, depends_on=asked, active=login.place.source)


def _signed_out(state: HostState) -> Decision:
    for credential in state.credentials:
        if isinstance(credential.content, UnreadableCredential):
            why = f"{reasons.place(credential)} {credential.content.reason}"
            reason = f"{why}; the client starts signed out."
            return Decision("not_logged_in", reason)
    return Decision("not_logged_in", f"No credential is stored in {state.home}.")


def _unknown(what: str) -> Decision:
    return Decision("unknown", reasons.not_evaluated(what))


def _from_fault(fault: Fault) -> Decision:
    return Decision(fault.effect, reasons.of_fault(fault))
