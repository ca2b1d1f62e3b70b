"""The client's own files as managed preferences of macOS: a property list, or a profile of it.

The profile comes in two shapes that macOS takes for the same: the payload is of the domain itself,
or one of `com.apple.ManagedClient.preferences` that forces values in it. Only forced ones count
for the client. Both have the same identifier, so that either takes the other's place.

Source: Apple's documentation of Configuration and ManagedPreferences; docs/clients/codex.md,
section 2. No tool here judges a profile but a parser of property lists.
"""

import base64
import binascii
import hashlib
import json
import plistlib
import uuid
from collections.abc import Mapping
from typing import Any, Literal, get_args
from xml.parsers.expat import ExpatError

from tipstaff_rollout.artefacts.compiling import deployment_of
from tipstaff_rollout.model import ArtefactError, Compiled, File, Payload, PayloadName

Style = Literal["direct", "mcx"]
MCX = "com.apple.ManagedClient.preferences"
CARRIED: tuple[PayloadName, ...] = ("requirements", "managed_config")
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:tipstaff:policy")
DOCTYPE_LINES = 2
"""What `plistlib` writes before the list itself."""


def values_of(compiled: Compiled) -> dict[str, str]:
    """Return the values of the client's domain, empty where the policy has none of its files."""
    return {
        key: base64.b64encode(data).decode()
        for name, key in deployment_of().preferences.keys.items()
        if (
            data := next(
                (payload.data for payload in compiled.payloads if payload.name == name), None
            )
        )
        is not None
    }


def property_list(compiled: Compiled) -> bytes:
    """Return the domain as a property list, whose policy a comment tells."""
    lines = _plist(values_of(compiled)).splitlines(keepends=True)
    # Two hyphens would end a comment; owner and version are free text.
    comment = told(compiled).replace("--", "-\\u002d")
    lines.insert(DOCTYPE_LINES, f"<!-- {comment} -->\n".encode())
    return b"".join(lines)


def profile(compiled: Compiled, style: Style = "direct") -> bytes:
    """Return a profile for the channel of the device."""
    identifier = f"tipstaff.policy.{compiled.id}"
    domain = deployment_of().preferences.domain
    inner = _payload(compiled, f"{identifier}.{domain}")
    if style == "direct":
        inner |= {"PayloadType": domain, **values_of(compiled)}
    else:
        forced = [{"mcx_preference_settings": values_of(compiled)}]
        inner |= {"PayloadType": MCX, "PayloadContent": {domain: {"Forced": forced}}}
    outer = _payload(compiled, identifier) | {
        "PayloadType": "Configuration",
        "PayloadScope": "System",
        "PayloadRemovalDisallowed": True,
        "PayloadContent": [_with_uuid(inner)],
    }
    return _plist(_with_uuid(outer))


def told(compiled: Compiled) -> str:
    """Return whose an artefact is, as one line."""
    version, owner = _printable(compiled.version), _printable(compiled.owner)
    by = f", owner {owner}" if owner else ""
    return (
        f"Tipstaff policy {compiled.id}, version {version}{by}, fingerprint {compiled.fingerprint}"
    )


def read_property_list(file: File) -> tuple[Payload, ...] | None:
    """Return the client's files in a property list of its domain; None where it is none.

    Raises:
        ArtefactError: It is cut off, or a value is no base64 text.
    """
    found = _parsed(file)
    keys = set(deployment_of().preferences.keys.values())
    if found is None or not set(found) & keys:
        return None
    return _payloads(found, file.path)


def read_profile(file: File, style: Style | None = None) -> tuple[Payload, ...] | None:
    """Return the client's files in a profile, of any shape or of one; None where it is none.

    Raises:
        ArtefactError: It is cut off, or a value is no base64 text.
    """
    outer = _parsed(file)
    if outer is None or outer.get("PayloadType") != "Configuration":
        return None
    for arg in (style,) if style else get_args(Style):
        try:
            inner = outer["PayloadContent"][0]
            values = _values(inner, arg)
        except (LookupError, TypeError):
            continue
        if isinstance(values, dict):
            return _payloads(values, file.path)
    return None


def _values(inner: Any, style: Style) -> Any:
    domain = deployment_of().preferences.domain
    if inner["PayloadType"] != (domain if style == "direct" else MCX):
        return None
    if style == "direct":
        return inner
    return inner["PayloadContent"][domain]["Forced"][0]["mcx_preference_settings"]


def _payload(compiled: Compiled, identifier: str) -> dict[str, Any]:
    return {
        "PayloadVersion": 1,
        "PayloadIdentifier": identifier,
        "PayloadDisplayName": f"Codex sign-in: {compiled.id} {_printable(compiled.version)}",
        "PayloadOrganization": _printable(compiled.owner) or compiled.id,
        "PayloadDescription": told(compiled),
    }


def _with_uuid(payload: Mapping[str, Any]) -> dict[str, Any]:
    digest = hashlib.sha256(_plist(payload)).hexdigest()
    name = f"{payload['PayloadIdentifier']} {digest}"
    return {**payload, "PayloadUUID": str(uuid.uuid5(NAMESPACE, name)).upper()}


def _printable(text: str) -> str:
    """Return text without what XML cannot hold."""
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in text)


def _plist(values: Mapping[str, Any]) -> bytes:
    return plistlib.dumps(dict(values), sort_keys=True)


def _parsed(file: File) -> dict[str, Any] | None:
    try:
        found = plistlib.loads(file.data)
    except ExpatError as error:
        if deployment_of().preferences.domain.encode() not in file.data:
            return None
        where = f"{file.path}:{error.lineno}"
        raise ArtefactError("is no property list", where=where, remedy="render it anew") from error
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError, AttributeError):
        return None
    return found if isinstance(found, dict) else None


def _payloads(values: Mapping[str, Any], where: str) -> tuple[Payload, ...]:
    keys = deployment_of().preferences.keys
    found = []
    for name in CARRIED:
        value = values.get(keys[name])
        if value is None:
            continue
        try:
            data = base64.b64decode(value if isinstance(value, str) else "-", validate=True)
        except (binascii.Error, ValueError) as error:
            raise ArtefactError(f"{keys[name]} is no base64 text", where=where) from error
        found.append(Payload(name, data))
    return tuple(found)
