"""Stored credentials that the client, as it stands, does not use, and what they break.

Source: docs/clients/codex.md, "Where Tipstaff is stricter".
"""

import os

from tipstaff_policy.clients.codex.decision import Login, hiding_violations
from tipstaff_policy.clients.codex.locations import ENCRYPTED_FILE
from tipstaff_policy.clients.codex.rules import layers_in_force, rules_of
from tipstaff_policy.clients.model import Request
from tipstaff_policy.values import (
    Credential,
    Fault,
    HeldCredential,
    HostState,
    Violation,
)


def stores_not_asked(
    request: Request, home: str, asked: tuple[Credential, ...], unknown_fields: tuple[str, ...]
) -> tuple[Credential, ...]:
    """Return what lies in the stores that are not in force, and that nobody has looked into yet.

    Without a prompt: nobody asked to sign in by them.
    """
    sources = {each.source for each in asked}
    unprompted = request._replace(unlocks=False)
    readers = []
    if "encrypted" not in sources and os.path.lexists(f"{home}/{ENCRYPTED_FILE}"):
        from tipstaff_policy.clients.codex.keyring import encrypted_credential  # noqa: PLC0415

        readers.append(encrypted_credential)
    if "keyring" not in sources and request.system_root is None and request.platform == "linux":
        from tipstaff_policy.clients.codex.keyring import keyring_credential  # noqa: PLC0415

        readers.append(keyring_credential)
    return tuple(read(unprompted, home, unknown_fields).credential for read in readers)


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
