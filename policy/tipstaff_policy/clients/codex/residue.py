"""Stored credentials that the client, as it stands, does not use, and what they break.

Source: docs/clients/codex.md, "Where Tipstaff is stricter".
"""

import os

from tipstaff_policy.clients.codex.auth_document import parse_auth_document
from tipstaff_policy.clients.codex.credentials import keys_of
from tipstaff_policy.clients.codex.decision import Login, hiding_violations
from tipstaff_policy.clients.codex.keyring import KEYRING, encrypted_credential, login_entry
from tipstaff_policy.clients.codex.locations import ENCRYPTED_FILE
from tipstaff_policy.clients.codex.rules import layers_in_force, rules_of
from tipstaff_policy.clients.model import Request
from tipstaff_policy.secret_service import KeyringError, read_entry
from tipstaff_policy.values import (
    Credential,
    Fault,
    HeldCredential,
    HostState,
    NoCredential,
    UnreadableCredential,
    Violation,
)


def stores_not_asked(
    request: Request, home: str, asked: tuple[Credential, ...], unknown_fields: tuple[str, ...]
) -> tuple[Credential, ...]:
    """Return what lies in the stores that are not in force, and that nobody has looked into yet."""
    sources = {each.source for each in asked}
    found = []
    if "encrypted" not in sources and os.path.lexists(f"{home}/{ENCRYPTED_FILE}"):
        found.append(encrypted_credential(request, home, unknown_fields).credential)
    if KEYRING not in sources and request.system_root is None and request.platform == "linux":
        found.append(_in_keyring(request, home, unknown_fields))
    return tuple(found)


def _in_keyring(request: Request, home: str, unknown_fields: tuple[str, ...]) -> Credential:
    """Return what lies in the keyring, without a prompt: nobody asked to sign in by it."""
    entry = login_entry(home)
    path = f"keyring entry {entry.account} of {entry.service}"
    try:
        secret = read_entry(request.env, entry, unlocks=False)
    except KeyringError as error:
        content = UnreadableCredential(
            error.what, error.effect, error.present, needs_library=error.needs_library
        )
        return Credential(KEYRING, path, content)
    if secret is None:
        return Credential(KEYRING, path, NoCredential())
    login = parse_auth_document(secret.encode(), unknown_fields, keys_of(request))
    return Credential(KEYRING, path, login.content)


def broken_by_residue(state: HostState, active: str | None) -> tuple[Violation, ...]:
    """Return what stored credentials, the active one apart, break of the administrators' rules.

    Each is judged as if it were in use: that the client passes over it today excuses nothing.
    """
    in_force = layers_in_force(state.layers, state.client, state.platform)
    layers = tuple(each for each in in_force if each.administrators)
    rules = rules_of(layers, state.platform, state.client.version)
    if isinstance(rules, Fault):
        return ()
    return tuple(
        violation
        for each in state.credentials
        if each.path is not None and each.source != active
        if isinstance(each.content, HeldCredential)
        for violation in hiding_violations(Login(each, each.content), rules)
    )
