"""Which stored credential the client loads, and what its log-out empties.

Source: tests/conformance/cases_stores.py (client 0.169.0).
"""

from tipstaff_policy.clients.codex.config.sign_in_keys import Rules
from tipstaff_policy.model.state import Credential, NoCredential, UnreadableCredential


def credentials_in_force(
    credentials: tuple[Credential, ...], rules: Rules
) -> tuple[Credential, ...]:
    """Return the variables and the one stored credential that the client loads.

    Source: tests/conformance/test_keyring.py (client 0.169.0).
    """
    variables = tuple(credential for credential in credentials if credential.path is None)
    secure = "encrypted" if rules.encrypted else "keyring"
    order = {"file": ("file",), "keyring": (secure,), "auto": (secure, "file"), "ephemeral": ()}
    for source in order[rules.store]:
        for credential in credentials:
            content = credential.content
            falls_back = (
                rules.store == "auto"
                and source != "file"
                and isinstance(content, UnreadableCredential)
                and content.effect == "refuse"
                and content.method is None
            )
            if (
                credential.source == source
                and not isinstance(content, NoCredential)
                and not falls_back
            ):
                return (*variables, credential)
    return variables


def list_unread_stores(credentials: tuple[Credential, ...], rules: Rules) -> tuple[str, ...]:
    """Return the sources in force, or passed over, that hold something unreadable."""
    in_force = credentials_in_force(credentials, rules)
    counts = {"file": ("file",), "ephemeral": ()}.get(rules.store, ("encrypted", "keyring", "file"))
    return tuple(
        credential.source
        for credential in credentials
        if isinstance(credential.content, UnreadableCredential)
        and (
            credential in in_force
            or (_may_hold(credential.content) and credential.source in counts)
        )
    )


def _may_hold(content: UnreadableCredential) -> bool:
    return content.present or content.unseen


REMOVAL_ORDER = {
    "file": ("file",),
    "keyring": ("keyring", "file"),
    "encrypted": ("encrypted", "file", "keyring"),
    "ephemeral": (),
}
"""The client empties these in this order and stops at the first that it cannot empty."""


def list_emptied_stores(credentials: tuple[Credential, ...], rules: Rules) -> tuple[str, ...]:
    """Return the stores that a log-out of the client empties."""
    secure = "encrypted" if rules.encrypted else "keyring"
    removed: list[str] = []
    for source in REMOVAL_ORDER[secure if rules.store in ("keyring", "auto") else rules.store]:
        for credential in credentials:
            if credential.source == source and not credential.removable:
                return tuple(removed)
            # A link to nowhere holds nothing, and is removed with the rest.
            there = credential.file is not None or not isinstance(credential.content, NoCredential)
            if credential.source == source and there:
                removed.append(source)
    return tuple(removed)
