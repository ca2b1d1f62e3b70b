"""What the client does at start-up on a state, as one version and by one reading of its policy.

The steps stand in the client's own order. A refusal keeps every credential.

Source: docs/clients/claude.md, "The decision at start-up" (client 2.1.332).
"""

from collections.abc import Iterator
from typing import Any

from tipstaff_policy.clients.claude.config.documents import (
    BROKEN,
    MAY_NOT_READ,
    NOT_LOADED,
)
from tipstaff_policy.clients.claude.config.effective import is_refused, list_examined, list_heeded
from tipstaff_policy.clients.claude.config.given_policy import GIVEN
from tipstaff_policy.clients.claude.config.keys import SIGN_IN
from tipstaff_policy.clients.claude.config.rules import Rule, Rules
from tipstaff_policy.clients.claude.config.server_policy import SERVER
from tipstaff_policy.clients.claude.config.sources import MANAGED, is_present
from tipstaff_policy.clients.claude.credentials.members import BLANK
from tipstaff_policy.clients.claude.decision import texts
from tipstaff_policy.clients.claude.decision.blanks import is_blank
from tipstaff_policy.clients.claude.decision.session import SIGN_INS, Session
from tipstaff_policy.clients.claude.methods import FIRST_PARTY_KEYS, NAMES
from tipstaff_policy.clients.claude.versions import Behaviour, Failure
from tipstaff_policy.model.layers import faulty
from tipstaff_policy.model.state import (
    Attribute,
    Credential,
    Decision,
    Fault,
    HostState,
    Layer,
    Origin,
    ServiceAnswer,
    UnreadableCredential,
    Verdict,
    Violation,
)

GLOBAL_STORES = ("config", "legacy-config")
FAILURES: dict[str, Failure] = {
    BROKEN: "broken",
    NOT_LOADED: "unloaded",
    MAY_NOT_READ: "hidden",
}
"""What each fault of a managed file is to the client."""
NOT_READ = "cannot be read"
"""How a reason begins where the system refuses the file; the client then goes on without it."""


class Judge:
    """Judges one session by one set of rules."""

    def __init__(
        self, state: HostState, session: Session, rules: Rules, behaviour: Behaviour
    ) -> None:
        self.state = state
        self.session = session
        self.rules = rules
        self.behaviour = behaviour

    def decide(self) -> Decision:
        """Return what the client does; the first step that settles it counts."""
        steps = (
            self._stop_at_a_document,
            self._stop_at_the_global_file,
            self._of_status,
            self._by_sign_in,
            self._by_unread_policy,
            self._by_providers,
            self._without_pins,
            self._by_gateway,
            self._start_where_a_host_manages,
            self._by_keys,
            self._elsewhere,
            self._by_invalid_organisations,
            self._start_unasked,
        )
        for step in steps:
            decision = step()
            if decision is not None:
                return decision
        return self._by_organisation()

    # Before any credential is looked at.

    def _files(self) -> list[Layer]:
        """Return the managed files that the version looks at."""
        read = list_examined(self.state.layers, self.behaviour)
        return [layer for layer in read if layer.name in MANAGED and layer.name != SERVER]

    def _faults(self) -> tuple[Fault, ...]:
        return tuple(layer.fault for layer in faulty(self._files()))

    def _failures(self) -> Iterator[tuple[Failure, str]]:
        """Yield why managed files are not in force, each with its place."""
        for fault in self._faults():
            if fault.what in FAILURES:
                yield FAILURES[fault.what], fault.where
        for layer in self._files():
            if is_refused(layer, self.behaviour):
                yield "kind", layer.path

    def _stop_at_a_document(self) -> Decision | None:
        broken = [fault for fault in self._faults() if fault.what == BROKEN]
        faults = [*self.state.faults, *(broken if self.behaviour.stops_on_broken else ())]
        if not faults:
            return None
        return self._say("refuse", f"{faults[0].where}: {faults[0].what}")

    def _stop_at_the_global_file(self) -> Decision | None:
        """Stop where the file that also holds the Console key is no JSON object."""
        for credential in self.state.credentials:
            content = credential.content
            if credential.source not in GLOBAL_STORES or not isinstance(
                content, UnreadableCredential
            ):
                continue
            if content.effect == "refuse" and not content.reason.startswith(NOT_READ):
                return self._say("refuse", f"{credential.named} {content.reason}.")
        return None

    def _of_status(self) -> Decision | None:
        if self.state.client.entry_point != "status":
            return None
        if self._signs_in():
            return self._say(
                "allow", f"{self._name_session()} is shown; no rule is applied to that."
            )
        return self._say_signed_out()

    def _by_unread_policy(self) -> Decision | None:
        read = list_heeded(self.state.layers, self.behaviour)
        session = self.session
        by_host = session.host_managed and not self.behaviour.refuses_host_managed
        outside = session.provider or by_host or session.has_profile
        if self.behaviour.stops_logins_alone and (outside or session.role in FIRST_PARTY_KEYS):
            return None
        stops = [where for why, where in self._failures() if why in self.behaviour.stops_alone]
        own = [layer for layer in read if layer.name in MANAGED and layer.name != GIVEN]
        if not stops or any(map(is_present, own)):
            return None
        return self._say("refuse", f"{stops[0]}: {texts.UNREADABLE}")

    # By rules.

    def _by_sign_in(self) -> Decision | None:
        rules, session = self.rules, self.session
        origins = rules.sign_in_origins
        if rules.sign_in == "invalid":
            where = _places(origins)
            return self._say("refuse", f"{where}: {texts.SIGN_IN_UNREADABLE}", blocked_by=origins)
        if rules.sign_in == "off":
            return None
        elsewhere = session.provider or session.other_address or session.unix_socket
        is_sign_in = session.is_sign_in and not elsewhere and not session.host_managed
        if is_sign_in and not session.bare and not session.has_headers:
            return None
        text = texts.OTHER_SIGN_IN if session.has_sign_in else texts.NO_SIGN_IN
        return self._block(text, "login_method", Rule(("claudeai",), origins))

    def _by_providers(self) -> Decision | None:
        allowed = self.rules.providers
        if allowed is None:
            return None
        if not allowed.is_valid:
            why = "is an empty list" if allowed.is_blank else "lists only unrecognized entries"
            text = texts.NO_PROVIDER.format(why)
            where = _places(allowed.origins)
            return self._say("refuse", f"{where}: {text}", blocked_by=allowed.origins)
        session, pinned = self.session, self.session.pinned_address
        used = session.provider or ("customEndpoint" if session.other_address else "anthropic")
        if used in allowed.values and (used != "customEndpoint" or pinned):
            return None
        return self._block(texts.providers(allowed.values), "login_method", allowed)

    def _without_pins(self) -> Decision | None:
        return None if self.rules.pins() else self._start("no pin restricts the sign-in")

    def _by_gateway(self) -> Decision | None:
        gateway, session = self.rules.gateway, self.session
        if gateway is None:
            return None
        if session.host_managed:
            return self._start("a host manages the provider, for which no pin is asked")
        is_key = session.role in FIRST_PARTY_KEYS or self._is_key_beside_other()
        if session.provider and not (is_key and self.rules.pins_first_party()):
            return self._start("a cloud provider is outside of the pins")
        if session.role == "gateway":
            return self._say_unknown("a gateway's own sign-in was not tried")
        text = texts.GATEWAY.format(self._name_as_client()) if is_key else texts.NO_GATEWAY
        return self._block(text, "login_method", Rule(("gateway",), gateway.origins))

    def _start_where_a_host_manages(self) -> Decision | None:
        if self.session.host_managed and not self.behaviour.refuses_host_managed:
            return self._start("a host manages the provider, for which no pin is asked")
        if self.session.unix_socket:
            return self._start("requests go through a socket, for which no pin is asked")
        return None

    def _by_keys(self) -> Decision | None:
        session = self.session
        if not self.behaviour.refuses_keys:
            return None
        outside = bool(session.provider) and not self._refuses_beside_clouds()
        is_bare = session.bare and not session.provider
        is_key = session.role in FIRST_PARTY_KEYS or self._is_key_beside_other()
        if (is_key and not outside) or is_bare:
            return self._block(texts.first_party(self.rules, self._name_as_client()), *self._pin())
        if session.provider and self.behaviour.refuses_clouds:
            return self._block(texts.first_party(self.rules, session.switch), *self._pin())
        if session.has_profile and self.behaviour.refuses_profiles:
            return self._block(texts.first_party(self.rules, "a profile"), *self._pin())
        return None

    def _elsewhere(self) -> Decision | None:
        """Start what is outside of the pins: a cloud provider, and a profile."""
        if self.session.provider:
            return self._start("a cloud provider is outside of the pins")
        if self.session.role == "profile":
            return self._start("a profile is outside of the pins")
        return None

    def _by_invalid_organisations(self) -> Decision | None:
        rule = self.rules.organisations
        if not rule or rule.is_valid or not self.behaviour.empty_list_binds:
            return None
        where = _places(rule.origins)
        return self._say("refuse", f"{where}: {texts.NO_ORGANISATION}", blocked_by=rule.origins)

    def _start_unasked(self) -> Decision | None:
        """Start with what the service is not asked about."""
        named = self.rules.organisations and self.rules.organisations.is_valid
        is_pinned = named and self.behaviour.enforces_organisation
        if is_pinned and self.session.role in SIGN_INS:
            return None
        unscoped = self.session.unscoped
        asks = self.behaviour.asks_without_scope and self.session.role not in FIRST_PARTY_KEYS
        if is_pinned and unscoped and asks:
            return self._by_unscoped(unscoped)
        if self.session.role == "gateway":
            return self._say_unknown("a gateway's own sign-in was not tried")
        return self._start("the pins do not ask about it")

    def _by_unscoped(self, login: Credential) -> Decision:
        """Judge the organisation of a login that is not for the client, which stays signed out."""
        before = self.session
        self.session = before._replace(credential=login, role="login")
        decision = self._by_organisation()
        self.session = before
        return decision if decision.verdict != "allow" else self._start("it is not asked about")

    def _by_organisation(self) -> Decision:
        session, rule = self.session, self.rules.organisations
        assert rule is not None  # noqa: S101 - the step before is left only with such a rule
        depends = ("organisation", *self._refresh())
        owner, answer = self._owner()
        if owner is None and answer is None and not self._is_unknown_to_all():
            reason = f"Only the service knows to which organisation {self._name_session()} belongs."
            return self._say("unknown", reason, depends_on=depends)
        required = texts.organisations(rule.values)
        if owner is None:
            return self._block(
                texts.UNVERIFIED.format(required), "organisation", rule, depends_on=depends
            )
        if owner in rule.values:
            reason = f'{self._name_session()} belongs to organisation "{owner}", which is allowed.'
            return self._say("allow", reason, depends_on=self._refresh())
        text = texts.OTHER_ORGANISATION.format(owner, required)
        if session.role == "token":
            text = texts.OTHER_BY_VARIABLE
        return self._block(text, "organisation", rule, observed=owner, depends_on=self._refresh())

    def _is_key_beside_other(self) -> bool:
        """Return whether a Console key is stored as well as a cloud or a profile."""
        session, behaviour = self.session, self.behaviour
        if session.provider:
            return session.has_console and session.provider not in behaviour.passes_keys_beside
        with_profile = session.has_profile and behaviour.refuses_keys_beside_profiles
        return session.has_console and with_profile

    def _refuses_beside_clouds(self) -> bool:
        passed = self.session.provider in self.behaviour.passes_keys_beside
        return not passed or self.behaviour.refuses_clouds

    # What the steps say.

    def _owner(self) -> tuple[str | None, ServiceAnswer | None]:
        """Return to whom the active login belongs, and what the service said of it."""
        if self._is_unknown_to_all():
            return None, None
        held = self.session.content
        for identity in held.identities if held else ():
            if identity.attribute == "organisation" and identity.known == "token":
                return identity.value, None
        source = self.session.source
        answer = next(
            (identity for identity in self.state.identities if identity.source == source), None
        )
        return (answer.workspace if answer else None), answer

    def _is_unknown_to_all(self) -> bool:
        """Return whether the active token is one that not even the service knows."""
        credential = self.session.credential
        return credential is not None and is_blank(credential)

    def _refresh(self) -> tuple[str, ...]:
        held = self.session.content
        ends = held.expires_at if held else None
        return ("refresh",) if ends is not None and ends <= self.state.evaluated_at else ()

    def _signs_in(self) -> bool:
        return bool(self.session.provider or self.session.credential)

    def _name_session(self) -> str:
        if self.session.provider:
            return f"the provider {self.session.provider} ({self.session.switch})"
        return self.session.credential.named if self.session.credential else "the session"

    def _name_as_client(self) -> str:
        """Return what the client calls a credential that it cannot check."""
        credential = self.session.credential
        if self._is_key_beside_other() and self.session.role not in FIRST_PARTY_KEYS:
            return texts.CONSOLE
        if credential is None:
            return texts.BARE
        return texts.CREDENTIALS.get(str(self.session.role), "{}").format(credential.source)

    def _pin(self) -> tuple[Attribute, Rule]:
        rules = self.rules
        if rules.organisations:
            return "organisation", rules.organisations
        return "login_method", rules.method or Rule((), ())

    def _start(self, why: str) -> Decision:
        if self.session.unclear and not self.session.provider:
            content = self.session.unclear.content
            what = f"{self.session.unclear.named} {getattr(content, 'reason', '')}"
            return self._say(
                "unknown", f"{what}, and would count.", unread=(self.session.unclear.source,)
            )
        if not self._signs_in():
            return self._say_signed_out()
        if self.session.is_unsent:
            return self._say(
                "not_logged_in", f"{self._name_session()} {BLANK}: {texts.INVALID_KEY}"
            )
        depends = ("server_policy",) if self.rules.fresh else ()
        return self._say("allow", f"{self._name_session()} is used: {why}.", depends_on=depends)

    def _say_signed_out(self) -> Decision:
        unread = self.session.unread
        what = (
            f"{' and '.join(unread)} cannot be read" if unread else "No credential is stored or set"
        )
        return self._say(
            "not_logged_in", f"{what}: Not logged in · Please run /login", unread=unread
        )

    def _say_unknown(self, why: str) -> Decision:
        return self._say("unknown", f"What the client does was not seen: {why}.")

    def _block(
        self,
        text: str,
        attribute: Attribute,
        rule: Rule,
        *,
        observed: str | None = None,
        depends_on: tuple[str, ...] = (),
    ) -> Decision:
        source = self.session.source
        if attribute == "login_method" and self.session.provider:
            observed = self.session.provider
        elif attribute == "login_method":
            observed = self.session.content.method if self.session.content else None
        broken = (
            ()
            if source is None
            else (Violation(attribute, source, observed, rule.values, rule.origins),)
        )
        reason = f"{_places(rule.origins)} stops the client: {text}"
        return self._say("block", reason, violations=broken, depends_on=depends_on)

    def _say(self, verdict: Verdict, reason: str, **more: Any) -> Decision:
        owners = self.rules.organisations
        return Decision(
            verdict,
            reason,
            active=self.session.source,
            methods=methods_left(self.rules),
            organisations=owners.values if owners else None,
            **more,
        )


def methods_left(rules: Rules) -> tuple[str, ...]:
    """Return the methods by which the client starts under rules, whatever the account."""
    if rules.sign_in == "on":
        return ("claudeai",)
    if rules.gateway:
        return tuple(
            name for name in NAMES if name not in ("claudeai", "console", "token", "helper")
        )
    if rules.pins():
        return tuple(name for name in NAMES if name not in ("token", "helper", "gateway"))
    return NAMES


def _places(origins: tuple[Origin, ...]) -> str:
    return " and ".join(map(str, origins)) or SIGN_IN
