"""The sign-in rules that a managed document amounts to.

Source: docs/clients/claude.md, "Keys" (client 2.1.332).
"""

from typing import Literal

from tipstaff_policy.clients.claude.config.keys import (
    ALLOWED_PROVIDERS,
    FRESH_POLICY,
    GATEWAY_URL,
    KNOWN_PROVIDERS,
    METHOD,
    ORGANISATIONS,
    SIGN_IN,
    is_boolean,
    why_idle,
)
from tipstaff_policy.clients.claude.config.merge import Document, is_list
from tipstaff_policy.clients.claude.config.server_policy import SERVER
from tipstaff_policy.clients.claude.versions import Behaviour
from tipstaff_policy.model.state import Origin, Value
from tipstaff_policy.record import Record


class Rule(Record):
    """What is allowed, and every place that says so."""

    values: tuple[str, ...]
    origins: tuple[Origin, ...]
    is_valid: bool = True
    """Whether the value is of a kind that the key takes, and allows anything."""
    is_blank: bool = False
    """Whether it is an empty list, or no list."""


class Rules(Record):
    """The rules in force; None restricts nothing."""

    method: Rule | None = None
    """`claudeai` or `console`."""
    organisations: Rule | None = None
    """An empty list, or a value of another kind, lets no login in."""
    gateway: Rule | None = None
    """Whether a Cloud gateway is forced, by the method or by an address."""
    sign_in: Literal["off", "on", "invalid"] = "off"
    sign_in_origins: tuple[Origin, ...] = ()
    providers: Rule | None = None
    """Those that the client knows; none of them lets no session start."""
    fresh: Rule | None = None

    def pins(self) -> tuple[str, ...]:
        """Return the keys that pin a login, as the client names them."""
        stated = {METHOD: self.method, ORGANISATIONS: self.organisations, GATEWAY_URL: self.gateway}
        return tuple(key for key, rule in stated.items() if rule)

    def pins_first_party(self) -> bool:
        """Return whether more than the address of a gateway pins a login."""
        named = self.gateway is not None and self.gateway.values == ("gateway",)
        return bool(self.method or self.organisations or named)

    def restricts(self) -> bool:
        """Return whether any credential could break them."""
        return bool(self.pins() or self.providers) or self.sign_in != "off"


def rules_of(document: Document, behaviour: Behaviour) -> Rules:
    """Return the rules of what the managed sources state together, as a version heeds them."""
    stated = {
        key: (value.value, value.origins)
        for key, value in document.items()
        if why_idle(key, value.value) is None
    }
    if not behaviour.enforces_sign_in:
        stated.pop(SIGN_IN, None)
    if not behaviour.reads_providers:
        stated.pop(ALLOWED_PROVIDERS, None)
    if not behaviour.knows_gateway:
        stated.pop(GATEWAY_URL, None)
    if stated.get(METHOD, ("",))[0] == "gateway" and not _heeds_gateway(behaviour):
        stated.pop(METHOD)
    if not behaviour.empty_list_binds and stated.get(ORGANISATIONS, (None,))[0] == "":
        stated.pop(ORGANISATIONS)
    if not behaviour.wants_fresh_policy:
        stated.pop(FRESH_POLICY, None)
    value, origins = stated.get(METHOD, ("", ()))
    method = Rule((str(value),), origins) if value else None
    # One that the service sent pins a login, and forces no gateway.
    is_own = behaviour.knows_gateway and any(origin.layer != SERVER for origin in origins)
    is_gateway = value == "gateway" and is_own
    address = stated.get(GATEWAY_URL)
    return Rules(
        method=None if is_gateway else method,
        organisations=_organisations(*stated[ORGANISATIONS]) if ORGANISATIONS in stated else None,
        gateway=method if is_gateway else Rule((str(address[0]),), address[1]) if address else None,
        sign_in=_sign_in(stated[SIGN_IN][0]) if SIGN_IN in stated else "off",
        sign_in_origins=stated.get(SIGN_IN, ("", ()))[1],
        providers=_providers(*stated[ALLOWED_PROVIDERS]) if ALLOWED_PROVIDERS in stated else None,
        fresh=_fresh(*stated[FRESH_POLICY]) if FRESH_POLICY in stated else None,
    )


def _heeds_gateway(behaviour: Behaviour) -> bool:
    return behaviour.knows_gateway or behaviour.gateway_pins


def _organisations(value: Value, origins: tuple[Origin, ...]) -> Rule:
    if isinstance(value, str):
        return Rule((value,), origins)
    words = _words(value)
    whole = is_list(value) and len(words) == len(value)
    return Rule(words if whole else (), origins, is_valid=whole and bool(words))


def _sign_in(value: Value) -> Literal["off", "on", "invalid"]:
    if is_boolean(value, "true"):
        return "on"
    return "off" if is_boolean(value, "false") else "invalid"


def _providers(value: Value, origins: tuple[Origin, ...]) -> Rule:
    known = tuple(word for word in _words(value) if word in KNOWN_PROVIDERS)
    return Rule(known, origins, is_valid=bool(known), is_blank=not _words(value))


def _fresh(value: Value, origins: tuple[Origin, ...]) -> Rule | None:
    return Rule(("true",), origins) if is_boolean(value, "true") else None


def _words(value: Value) -> tuple[str, ...]:
    if not is_list(value):
        return ()
    return tuple(word for word in value if isinstance(word, str))
