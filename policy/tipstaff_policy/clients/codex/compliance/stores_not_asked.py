"""Stores that the client, as it stands, does not use.

Source: docs/clients/codex.md, "Where Tipstaff is stricter".
"""

import os

from tipstaff_policy.clients.codex.locations import ENCRYPTED_FILE
from tipstaff_policy.model.request import Request, this_platform
from tipstaff_policy.model.state import Credential


def stores_not_asked(
    request: Request, home: str, asked: tuple[Credential, ...], unknown_fields: tuple[str, ...]
) -> tuple[Credential, ...]:
    """Return the content of the stores that are not in force and were not read yet.

    Without a prompt: the user did not ask to sign in by them.
    """
    sources = {credential.source for credential in asked}
    unprompted = request.read_with(unlocks=False)
    found = []
    if "encrypted" not in sources and os.path.lexists(f"{home}/{ENCRYPTED_FILE}"):
        from tipstaff_policy.clients.codex.credentials.keyring import (  # noqa: PLC0415
            read_encrypted_credential,
        )

        found.append(read_encrypted_credential(unprompted, home, unknown_fields).credential)
    here = request.system_root is None and request.platform == this_platform()
    if "keyring" not in sources and here:
        from tipstaff_policy.clients.codex.credentials.keyring import (  # noqa: PLC0415
            read_keyring_credential,
            without_session,
        )

        entry = read_keyring_credential(unprompted, home, unknown_fields).credential
        found.append(without_session(request, home, entry))
    return tuple(found)
