"""What the client does at start-up: it refuses, with a message of its own, and keeps the login."""

from scribe.rules import (
    Rules,
    identified,
    in_words,
    needs_service,
    rules_of,
    violations_of,
)
from tipstaff_policy.clients.interface.adapter import Administrators
from tipstaff_policy.model.layers import faulty
from tipstaff_policy.model.state import (
    Credential,
    Decision,
    Fault,
    HeldCredential,
    HostState,
    Judged,
    NoCredential,
    UnreadableCredential,
)


def decide(state: HostState) -> Decision:
    """Return what the client does on a state."""
    state = identified(state)
    faults = [*state.faults, *(layer.fault for layer in faulty(state.layers))]
    if faults:
        return Decision("refuse", f"{faults[0].where}: {faults[0].what}.")
    rules = rules_of(state.layers)
    told = _Told(rules)
    if not rules.methods_left():
        return told("block", "No way to sign in is allowed.", blocked_by=_places(rules))
    active = next(
        (credential for credential in state.credentials if not _is_empty(credential)), None
    )
    if active is None:
        return told("not_logged_in", "No login is stored or set.")
    if isinstance(active.content, UnreadableCredential):
        reason = f"{active.named} {active.content.reason}; the client starts signed out."
        return told("not_logged_in", reason, unread=(active.source,))
    if state.client.entry_point == "agent":
        return told("allow", "An agent starts without a look at the rules.", active=active.source)
    return _judge(told, rules, active, active.content)


def _judge(told: "_Told", rules: Rules, active: Credential, content: HeldCredential) -> Decision:
    broken = violations_of(active, rules)
    if broken:
        reason = f"{active.named} {in_words(broken[0])}. The login stays stored."
        return told("block", reason, active=active.source, violations=broken)
    if needs_service(content, rules):
        reason = f"Whose {active.named} is, only the service can tell."
        return told("unknown", reason, active=active.source, depends_on=("organisation",))
    return told("allow", f"{active.named} satisfies every rule.", active=active.source)


class _Told:
    """Makes decisions that say what the rules leave."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def __call__(self, verdict, reason, **told) -> Decision:
        owners = self.rules.organisations
        return Decision(
            verdict,
            reason,
            methods=self.rules.methods_left(),
            organisations=owners.values if owners else None,
            **told,
        )


def _places(rules: Rules):
    return rules.methods.origins if rules.methods else ()


def _is_empty(credential: Credential) -> bool:
    return isinstance(credential.content, NoCredential)


def by_administrators(state: HostState) -> Administrators:
    """Judge every credential by the administrators' files alone."""
    layers = tuple(layer for layer in state.layers if layer.administrators)
    faults = tuple(layer.fault for layer in faulty(layers))
    if faults:
        return Administrators(faults, restricts=True)
    rules = rules_of(layers)
    if not rules.methods_left():
        where = " and ".join(map(str, _places(rules)))
        fault = Fault(
            "the sign-in rules leave no login method",
            where,
            "refuse",
            "rules that one login method satisfies",
            f"correct {where}; no client starts with them",
        )
        return Administrators((fault,), restricts=True)
    judged = tuple(
        _judged(credential, credential.content, rules)
        for credential in state.everywhere()
        if isinstance(credential.content, HeldCredential)
    )
    restricts = rules.methods is not None or rules.organisations is not None
    return Administrators((), restricts, judged, tuple({layer.name: 0 for layer in layers}))


def _judged(place: Credential, content: HeldCredential, rules: Rules) -> Judged:
    broken = violations_of(place, rules)
    if broken:
        return Judged(place.source, "violates", broken, f"{place.named} {in_words(broken[0])}.")
    if needs_service(content, rules):
        reason = f"whose {place.named} is, only the service can tell."
        return Judged(place.source, "cannot_tell", reason=reason)
    return Judged(place.source, "complies")
