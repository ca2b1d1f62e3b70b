"""How credentials stand to the rules of the administrators' files, whatever the user writes.

The files are read as the newest proven version reads them, and mean what their author meant: a pin
binds every credential, also where the client lets one pass (a stored Console key, a cloud provider
that no list allows, a profile of another organisation).

Source: docs/clients/claude.md, "What Tipstaff acts on".
"""

from tipstaff_policy.clients.claude.config.effective import machine_document
from tipstaff_policy.clients.claude.config.keys import SIGN_IN
from tipstaff_policy.clients.claude.config.rules import Rule, Rules, rules_of
from tipstaff_policy.clients.claude.methods import CLOUDS, METHODS, NAMES
from tipstaff_policy.clients.claude.versions import NEWEST_BEHAVIOUR
from tipstaff_policy.clients.interface.adapter import Administrators
from tipstaff_policy.model.layers import faulty
from tipstaff_policy.model.state import (
    Attribute,
    Credential,
    Fault,
    HeldCredential,
    HostState,
    Identity,
    Judged,
    Layer,
    Origin,
    Violation,
)

OWN_METHODS = {"claudeai": ("claudeai",), "console": ("console",)}
"""The methods that each value of `forceLoginMethod` means."""
BY_PROVIDER = {
    "anthropic": ("claudeai", "console", "token", "helper", "profile"),
    "customEndpoint": ("claudeai", "console", "token", "helper", "profile"),
    "gateway": ("gateway",),
    **{name: (name,) for name in CLOUDS},
}
"""The methods that each value of `allowedProviders` leaves."""


def administrators_rules(layers: tuple[Layer, ...]) -> Rules | tuple[Fault, ...]:
    """Return the rules of the administrators' files, or what is wrong with these files."""
    own = tuple(layer for layer in layers if layer.administrators)
    faults = tuple(layer.fault for layer in faulty(own))
    if faults:
        return faults
    rules = rules_of(machine_document(own, NEWEST_BEHAVIOUR), NEWEST_BEHAVIOUR)
    invalid = tuple(_invalid(rules))
    return invalid or rules


def _invalid(rules: Rules) -> list[Fault]:
    """Return what lets no one in, and so cannot be what an administrator means."""
    found = []
    if rules.sign_in == "invalid":
        found.append(_fault(SIGN_IN, rules.sign_in_origins, "true or false, without quotes"))
    if rules.organisations and not rules.organisations.is_valid:
        found.append(
            _fault("forceLoginOrgUUID", rules.organisations.origins, "the ids of organisations")
        )
    if rules.providers and not rules.providers.is_valid:
        expected = "a list with a provider that the client knows"
        found.append(_fault("allowedProviders", rules.providers.origins, expected))
    if not found and rules.restricts() and not list_allowed_methods(rules):
        places = _every_origin(rules)
        what = "the sign-in rules leave no login method"
        where = " and ".join(map(str, places))
        remedy = f"correct {where}; no client starts with them"
        found.append(Fault(what, where, "refuse", "rules that one login method satisfies", remedy))
    return found


def _fault(key: str, origins: tuple[Origin, ...], expected: str) -> Fault:
    where = " and ".join(map(str, origins))
    what = f"the value of {key} allows nobody to sign in"
    return Fault(what, where, "refuse", expected, f"correct {where}; nothing was removed")


def _every_origin(rules: Rules) -> tuple[Origin, ...]:
    stated = (rules.method, rules.organisations, rules.gateway, rules.providers)
    places = [origin for rule in stated if rule for origin in rule.origins]
    return tuple(dict.fromkeys((*rules.sign_in_origins, *places)))


def list_allowed_methods(rules: Rules) -> tuple[str, ...]:
    """Return the methods of which every rule allows a login, whosever it is."""
    return tuple(name for name in NAMES if not any(_breaks(name, rules)))


def _breaks(method: str, rules: Rules) -> list[Rule]:
    """Return the rules of methods that a method breaks, the gravest first."""
    listed = rules.providers.values if rules.providers else ()
    found = []
    if rules.sign_in == "on" and method != "claudeai":
        found.append(Rule(("claudeai",), rules.sign_in_origins))
    if rules.providers and not any(method in BY_PROVIDER[name] for name in listed):
        found.append(rules.providers)
    if method in CLOUDS and method in listed:
        return found  # a pin is about Anthropic's own service, and the list allows this one
    if rules.gateway and method != "gateway":
        found.append(Rule(("gateway",), rules.gateway.origins))
    if rules.method and method not in OWN_METHODS[rules.method.values[0]]:
        found.append(rules.method)
    return found


def by_administrators(state: HostState) -> Administrators:
    """Return how every credential stands to the administrators' files; reads only the state."""
    rules = administrators_rules(state.layers)
    if not isinstance(rules, Rules):
        return Administrators(rules, restricts=True)
    judged = tuple(
        _judge(place, place.content, rules, state.names())
        for place in state.everywhere()
        if isinstance(place.content, HeldCredential)
    )
    names = tuple(dict.fromkeys(layer.name for layer in state.layers if layer.administrators))
    return Administrators((), rules.restricts(), judged, names, METHODS)


def _judge(
    place: Credential, content: HeldCredential, rules: Rules, names: tuple[tuple[str, str], ...]
) -> Judged:
    found = [
        _violation("login_method", place, content.method, rule)
        for rule in _breaks(content.method, rules)
    ]
    owner = _owner(content)
    pinned = rules.organisations
    if pinned and not _is_outside(content.method, rules):
        if owner is None or (owner.known != "service" and owner.value not in pinned.values):
            observed = owner.value if owner else None
            found.append(_violation("organisation", place, observed, pinned))
        elif owner.known == "service" and not found:
            reason = f"only the service knows to which organisation {place.named} belongs."
            return Judged(place.source, "cannot_tell", reason=reason)
    if found:
        reason = f"{place.named} {_in_words(found[0], dict(names))}."
        return Judged(place.source, "violates", tuple(found), reason)
    return Judged(place.source, "complies")


def _is_outside(method: str, rules: Rules) -> bool:
    """Return whether a cloud provider is allowed by name, so that no organisation is asked."""
    return method in CLOUDS and rules.providers is not None and method in rules.providers.values


def _owner(content: HeldCredential) -> Identity | None:
    """Return the organisation that a login names, or that its service can name."""
    owners = [identity for identity in content.identities if identity.attribute == "organisation"]
    return next((owner for owner in owners if owner.known == "service" or owner.value), None)


def _violation(
    attribute: Attribute, place: Credential, observed: str | None, rule: Rule
) -> Violation:
    return Violation(attribute, place.source, observed, rule.values, rule.origins)


def _in_words(violation: Violation, names: dict[str, str]) -> str:
    from tipstaff_policy.organisation.violations import (  # noqa: PLC0415 - violations only
        in_words,
    )

    if violation.attribute == "organisation" and violation.observed is None:
        words = in_words(violation, METHODS, names=names)
        return words.replace("no organisation", "no organisation that can be checked", 1)
    return in_words(violation, METHODS, names=names)
