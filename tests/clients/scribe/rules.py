"""The sign-in rules in force, and what a credential breaks of them."""

from scribe.config import LISTS, METHODS_KEY, ORGANISATIONS_KEY, STORE_KEY, STORES, effective
from tipstaff_policy.model.state import (
    Credential,
    HeldCredential,
    HostState,
    Identity,
    Layer,
    Method,
    Origin,
    ReadLayer,
    Violation,
)
from tipstaff_policy.record import Record

METHODS = (
    Method("team", "a team account", "a team login", has_workspace=True),
    Method("token", "an access token", "an access token", has_workspace=True),
    Method("key", "a Scribe key", "a Scribe key", has_workspace=False),
)
NAMES = tuple(method.name for method in METHODS)


class Rule(Record):
    """What is allowed, and every place that says so."""

    values: tuple[str, ...]
    origins: tuple[Origin, ...]


class Rules(Record):
    """The rules in force; None restricts nothing."""

    methods: Rule | None
    organisations: Rule | None
    store: str
    store_origin: Origin | None

    def methods_left(self) -> tuple[str, ...]:
        """Return the methods that are allowed."""
        return tuple(name for name in NAMES if self.methods is None or name in self.methods.values)


def rules_of(layers: tuple[Layer, ...]) -> Rules:
    """Return the rules that the settings in force amount to."""
    settings = effective(layers)
    rules = {
        key: Rule(tuple(found.value), _stated_at(layers, key)) if found else None
        for key in LISTS
        for found in (settings.get(key),)
    }
    store = settings.get(STORE_KEY)
    named = str(store.value) if store else STORES[0]
    origin = store.origin if store else None
    return Rules(rules[METHODS_KEY], rules[ORGANISATIONS_KEY], named, origin)


def _stated_at(layers: tuple[Layer, ...], key: str) -> tuple[Origin, ...]:
    """Return every place of the administrators that states a list: they unite."""
    return tuple(
        setting.origin
        for layer in layers
        if layer.administrators and isinstance(layer.content, ReadLayer)
        for setting in layer.content.settings
        if setting.key == key
    )


def violations_of(credential: Credential, rules: Rules) -> tuple[Violation, ...]:
    """Return what a credential certainly breaks."""
    content = credential.content
    if not isinstance(content, HeldCredential):
        return ()
    found = []
    if rules.methods and content.method not in rules.methods.values:
        found.append(Violation("login_method", credential.source, content.method, *rules.methods))
    owner = organisation_of(content)
    if rules.organisations and owner and owner.known != "service":
        if owner.value not in rules.organisations.values:
            broken = rules.organisations
            found.append(Violation("organisation", credential.source, owner.value, *broken))
        return tuple(found)
    if rules.organisations and owner and not rules.organisations.values:
        found.append(Violation("organisation", credential.source, None, *rules.organisations))
    return tuple(found)


def organisation_of(content: HeldCredential) -> Identity | None:
    """Return to which organisation a login belongs; None for one that belongs to none."""
    owners = (identity for identity in content.identities if identity.attribute == "organisation")
    return next(owners, None)


def needs_service(content: HeldCredential, rules: Rules) -> bool:
    """Return whether only the service knows whether a login is allowed."""
    owner = organisation_of(content)
    return rules.organisations is not None and owner is not None and owner.known == "service"


def identified(state: HostState) -> HostState:
    """Return a state in which a login whose organisation the service has named belongs to it."""
    named = {
        identity.source: identity.workspace for identity in state.identities if identity.workspace
    }
    places = state.places
    return state._replace(
        credentials=tuple(_named(credential, named) for credential in state.credentials),
        places=None if places is None else tuple(_named(place, named) for place in places),
    )


def _named(credential: Credential, named: dict[str, str]) -> Credential:
    content = credential.content
    if not isinstance(content, HeldCredential) or credential.source not in named:
        return credential
    owners = tuple(
        identity._replace(value=named[credential.source], known="token")
        if identity.known == "service"
        else identity
        for identity in content.identities
    )
    return credential._replace(content=content._replace(identity=owners, ask=None))


def in_words(violation: Violation) -> str:
    """Return what is broken, as the client's own rules say it."""
    where = " and ".join(str(origin) for origin in violation.origins)
    allowed = " or ".join(f'"{value}"' for value in violation.allowed) or "none"
    if violation.attribute == "login_method":
        label = next(method.label for method in METHODS if method.name == violation.observed)
        return f"signs in with {label}; {where} allows {allowed}"
    whose = f'organisation "{violation.observed}"' if violation.observed else "an organisation"
    return f"belongs to {whose}; {where} allows {allowed}"
