"""The client's own files as managed preferences of macOS: a property list, or a profile of it.

The profile comes in two shapes that macOS takes for the same: the payload is of the domain itself,
or one of `com.apple.ManagedClient.preferences` that forces values in it. Only forced ones count
for the client. Both have the same identifier, so that either takes the other's place.

Source: Apple's documentation of Configuration and ManagedPreferences; the page of each
client. No tool here judges a profile but a parser of property lists.
"""

import hashlib
import json
import plistlib
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, get_args
from xml.parsers.expat import ExpatError

from tipstaff_policy.clients import CLIENTS
from tipstaff_policy.clients.interface.deployment import Preferences
from tipstaff_rollout.model import NAMES, ArtefactError, Compiled, File, Payload
from tipstaff_rollout.payloads import deployment_of, preferences_of

Style = Literal["direct", "mcx"]
MCX = "com.apple.ManagedClient.preferences"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:tipstaff:policy")
DOCTYPE_LINES = 2
"""What `plistlib` writes before the list itself."""


class Domain(NamedTuple):
    """The preferences of a client, and the values that a policy gives them."""

    preferences: Preferences
    values: dict[str, Any]


def domains_of(compiled: Compiled) -> tuple[Domain, ...]:
    """Return the domains that a policy sets; none where it has no file of a client."""
    files = {payload.name: payload.data for payload in compiled.payloads}
    found = (
        Domain(
            preferences,
            preferences.values({name: files[name] for name in preferences.names if name in files}),
        )
        for preferences in preferences_of(compiled)
    )
    return tuple(domain for domain in found if domain.values)


def property_list(compiled: Compiled, domain: Domain) -> bytes:
    """Return a domain as a property list; a comment names its policy, and what belongs to it."""
    lines = _plist(domain.values).splitlines(keepends=True)
    names = [other.preferences.domain for other in domains_of(compiled)]
    others = [name for name in names if name != domain.preferences.domain]
    together = f", together with {' and '.join(others)}" if others else ""
    # Two hyphens would end a comment; owner and version are free text.
    comment = f"{name_policy(compiled)}{together}".replace("--", "-\\u002d")
    lines.insert(DOCTYPE_LINES, f"<!-- {comment} -->\n".encode())
    return b"".join(lines)


def write_profile(compiled: Compiled, style: Style = "direct") -> bytes:
    """Return a profile for the channel of the device, with a payload for each domain."""
    identifier = f"tipstaff.policy.{compiled.id}"
    domains = domains_of(compiled)
    outer = _payload(compiled, identifier, domains) | {
        "PayloadType": "Configuration",
        "PayloadScope": "System",
        "PayloadRemovalDisallowed": True,
        "PayloadContent": [
            _with_uuid(_inner_payload(compiled, identifier, domain, style)) for domain in domains
        ],
    }
    return _plist(_with_uuid(outer))


def _inner_payload(
    compiled: Compiled, identifier: str, domain: Domain, style: Style
) -> dict[str, Any]:
    name = domain.preferences.domain
    inner = _payload(compiled, f"{identifier}.{name}", (domain,))
    if style == "direct":
        return inner | {"PayloadType": name, **domain.values}
    forced = [{"mcx_preference_settings": domain.values}]
    return inner | {"PayloadType": MCX, "PayloadContent": {name: {"Forced": forced}}}


def title_of(domains: Iterable[Preferences]) -> str:
    """Return the title of a profile, without the policy."""
    return f"{' and '.join(preferences.display_name for preferences in domains)} sign-in"


def name_policy(compiled: Compiled) -> str:
    """Return whose an artefact is, as one line."""
    version, owner = _printable(compiled.version), _printable(compiled.owner)
    by = f", owner {owner}" if owner else ""
    return (
        f"Tipstaff policy {compiled.id}, version {version}{by}, fingerprint {compiled.fingerprint}"
    )


def read_property_list(file: File) -> tuple[Payload, ...] | None:
    """Return a client's files in a property list of its domain; None where it is none.

    Raises:
        ArtefactError: It is cut off, or a value is not what the client takes.
    """
    found = _parse(file)
    for preferences in _every_domain() if found is not None else ():
        payloads = _payloads(preferences, found or {}, file.path)
        if payloads:
            return payloads
    return None


def read_profile(file: File, style: Style | None = None) -> tuple[Payload, ...] | None:
    """Return the clients' files in a profile, of any shape or of one; None where it is none.

    Raises:
        ArtefactError: It is cut off, or a value is not what the client takes.
    """
    outer = _parse(file)
    if outer is None or outer.get("PayloadType") != "Configuration":
        return None
    for shape in (style,) if style else get_args(Style):
        try:
            inner = [_values(payload, shape) for payload in outer["PayloadContent"]]
        except (LookupError, TypeError):
            continue
        read = [values for values in inner if values]
        if read:
            return tuple(
                payload
                for preferences, values in read
                for payload in _payloads(preferences, values, file.path)
            )
    return None


def _every_domain() -> tuple[Preferences, ...]:
    found = (deployment_of(client).preferences for client in CLIENTS)
    return tuple(preferences for preferences in found if preferences)


def _values(payload: Any, style: Style) -> tuple[Preferences, Mapping[str, Any]] | None:
    for preferences in _every_domain():
        domain = preferences.domain
        if style == "direct" and payload["PayloadType"] == domain:
            values = {name: payload[name] for name in payload if not name.startswith("Payload")}
            return preferences, values
        if style == "mcx" and payload["PayloadType"] == MCX and domain in payload["PayloadContent"]:
            forced = payload["PayloadContent"][domain]["Forced"][0]["mcx_preference_settings"]
            return (preferences, forced) if isinstance(forced, dict) else None
    return None


def _payload(compiled: Compiled, identifier: str, domains: tuple[Domain, ...]) -> dict[str, Any]:
    title = title_of(domain.preferences for domain in domains)
    return {
        "PayloadVersion": 1,
        "PayloadIdentifier": identifier,
        "PayloadDisplayName": f"{title}: {compiled.id} {_printable(compiled.version)}",
        "PayloadOrganization": _printable(compiled.owner) or compiled.id,
        "PayloadDescription": name_policy(compiled),
    }


def _with_uuid(payload: Mapping[str, Any]) -> dict[str, Any]:
    digest = hashlib.sha256(_plist(payload)).hexdigest()
    name = f"{payload['PayloadIdentifier']} {digest}"
    return {**payload, "PayloadUUID": str(uuid.uuid5(NAMESPACE, name)).upper()}


def _printable(text: str) -> str:
    """Return text without what XML cannot hold."""
    return "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in text)


def _plist(values: Mapping[str, Any]) -> bytes:
    """Return values as a property list.

    Raises:
        ArtefactError: A text among them has a letter that XML cannot hold.
    """
    try:
        return plistlib.dumps(dict(values), sort_keys=True)
    except (ValueError, OverflowError) as error:
        raise ArtefactError(
            f"a value of the client's preferences cannot be written: {error}",
            where=NAMES["policy"],
            expected="texts without control characters, and numbers of at most 64 bits",
            remedy="change the value, or use a channel that carries files",
        ) from error


def _parse(file: File) -> dict[str, Any] | None:
    try:
        found = plistlib.loads(file.data)
    except ExpatError as error:
        if not any(preferences.domain.encode() in file.data for preferences in _every_domain()):
            return None
        where = f"{file.path}:{error.lineno}"
        raise ArtefactError("is no property list", where=where, remedy="render it again") from error
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError, AttributeError):
        return None
    return found if isinstance(found, dict) else None


def _payloads(
    preferences: Preferences, values: Mapping[str, Any], where: str
) -> tuple[Payload, ...]:
    try:
        files = preferences.files(values)
    except ValueError as error:
        raise ArtefactError(str(error), where=where) from error
    return tuple(Payload(name, files[name]) for name in preferences.names if name in files)
