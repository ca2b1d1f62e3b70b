"""How credentials stand to the rules of the administrators' files, whatever the user writes.

The files are read as the newest proven version reads them: a rule means what its author meant,
on every version. Keys that have nothing to do with signing in are not judged here. What the
service left in the client's folder is a file of the user's, so it has no part in this.

Source: docs/clients/codex.md, "What Tipstaff acts on".
"""

from tipstaff_policy.clients.codex.compliance.violations import (
    Login,
    find_forced_violations,
    find_hiding_violations,
    intersect_rules,
)
from tipstaff_policy.clients.codex.config.sign_in_keys import METHODS, Rules, read_rules
from tipstaff_policy.clients.codex.platforms import TABLES
from tipstaff_policy.clients.codex.versions import NEWEST_BEHAVIOUR
from tipstaff_policy.clients.interface.adapter import Administrators
from tipstaff_policy.model.layers import faulty, merge
from tipstaff_policy.model.state import (
    Credential,
    Fault,
    HeldCredential,
    HostState,
    Judged,
    Layer,
    Platform,
)

DEFAULTS = "system"
"""The administrators' file that the user's own files beat."""
OF_THE_SERVICE = "cloud"


def administrators_rules(
    layers: tuple[Layer, ...], platform: Platform, *, defaults_bind: bool
) -> Rules | tuple[Fault, ...]:
    """Return the rules of the administrators' files, or what is wrong with these files."""
    own = [layer for layer in layers if layer.administrators and layer.name != OF_THE_SERVICE]
    faults = tuple(layer.fault for layer in faulty(own))
    if faults:
        return faults
    binding = _find_binding(layers, defaults_bind=defaults_bind)
    rules = read_rules(
        merge(binding, "config"),
        merge(binding, "requirements"),
        NEWEST_BEHAVIOUR,
        encrypts=TABLES[platform].encrypts,
    )
    if isinstance(rules, Fault):
        return (rules,)
    if not intersect_rules(rules).methods:
        where = " and ".join(dict.fromkeys(str(rule.origin) for rule in rules[:4] if rule))
        return (
            Fault(
                "the sign-in rules leave no login method",
                where,
                "refuse",
                "rules that one login method satisfies",
                f"correct {where}; no client starts with them",
            ),
        )
    return rules


def _find_binding(layers: tuple[Layer, ...], *, defaults_bind: bool) -> tuple[Layer, ...]:
    return tuple(
        layer
        for layer in layers
        if layer.administrators
        and layer.name != OF_THE_SERVICE
        and (defaults_bind or layer.name != DEFAULTS)
    )


def list_required_stores(
    layers: tuple[Layer, ...], platform: Platform, *, defaults_bind: bool
) -> tuple[str, ...]:
    """Return the stores other than the plain file that the administrators require."""
    rules = administrators_rules(layers, platform, defaults_bind=defaults_bind)
    if not isinstance(rules, Rules) or rules.store not in ("keyring", "auto"):
        return ()
    return ("encrypted", "keyring") if rules.encrypted else ("keyring",)


def restricts(rules: Rules | tuple[Fault, ...]) -> bool:
    """Return whether any credential could break the rules."""
    return not isinstance(rules, Rules) or any(rules[:4])


def by_administrators(state: HostState) -> Administrators:
    """Return how every credential stands to the administrators' files; reads only the state."""
    layers = state.layers if state.administrators is None else state.administrators
    rules = administrators_rules(layers, state.platform, defaults_bind=state.defaults_bind)
    if not isinstance(rules, Rules):
        return Administrators(rules, restricts=True)
    judged = tuple(
        _judge(credential, credential.content, rules, state.names())
        for credential in state.everywhere()
        if isinstance(credential.content, HeldCredential)
    )
    binding = _find_binding(layers, defaults_bind=state.defaults_bind)
    names = tuple(layer.name for layer in binding)
    return Administrators((), restricts(rules), judged, names, METHODS)


def _judge(
    place: Credential, content: HeldCredential, rules: Rules, names: tuple[tuple[str, str], ...]
) -> Judged:
    login = Login(place, content)
    # Whose an access token is, only the service knows: its own claims accuse no one.
    forced = () if content.ask else find_forced_violations(login, rules, NEWEST_BEHAVIOUR)
    broken = tuple(dict.fromkeys((*forced, *find_hiding_violations(login, rules))))
    if broken:
        from tipstaff_policy.clients.codex.compliance import (  # noqa: PLC0415 - violations only
            reasons,
        )

        reason = f"{reasons.holds(place, content)}{reasons.breaks(broken[0], names)}."
        return Judged(place.source, "violates", broken, reason)
    ruled = rules.forced_workspaces or rules.allowed_workspaces
    if ruled and content.ask and content.method == "chatgpt":
        from tipstaff_policy.clients.codex.compliance import reasons  # noqa: PLC0415 - rare

        reason = f"{reasons.holds(place, content)}, whose workspace only the service knows."
        return Judged(place.source, "cannot_tell", reason=reason)
    return Judged(place.source, "complies")
