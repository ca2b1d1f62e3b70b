"""Read the places of the client's credentials."""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from tipstaff_policy.clients.codex.config.sign_in_keys import WHITE_SPACE, Rules
from tipstaff_policy.clients.codex.credentials.auth_document import parse_auth_document
from tipstaff_policy.clients.codex.credentials.stored import Stored, _with_key_facts, keys_of
from tipstaff_policy.clients.codex.credentials.workload import WORKLOAD_VARIABLES
from tipstaff_policy.clients.codex.locations import CREDENTIAL_FILE, Settled, text_of
from tipstaff_policy.clients.codex.versions import NEWEST_BEHAVIOUR, Behaviour, Federation
from tipstaff_policy.clients.interface.slots import ASIDE
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    Credential,
    Fault,
    HeldCredential,
    NoCredential,
    UnreadableCredential,
)
from tipstaff_policy.system.files import (
    NotRegularFileError,
    TooLargeError,
    is_inside,
    is_shortage,
    read_bounded,
    read_file_facts,
    show_path,
    within,
)

if TYPE_CHECKING:  # loaded only where there is a policy
    from tipstaff_policy.clients.codex.credentials.fingerprints import Keys

SIZE_LIMIT = 1 << 30
"""Bytes. The client reads whatever its memory holds; with so much it takes seconds to start."""
KEY_VARIABLE = "CODEX_API_KEY"
TOKEN_VARIABLE = "CODEX_ACCESS_TOKEN"  # noqa: S105 - a name, not a token
PERSONAL_PREFIX = "at-"


def environment_credentials(
    env: Mapping[str, str], keys: "Keys | None" = None, federation: Federation = "spiffe"
) -> tuple[Credential, ...]:
    """Return the credentials of the environment, in the client's order; blank ones are none.

    Args:
        federation: Which workload identities this version of the client knows.
    """
    found: list[Credential] = []
    if federation and any(name in env for name in WORKLOAD_VARIABLES):
        from tipstaff_policy.clients.codex.credentials.workload import (  # noqa: PLC0415 - rare
            workload_identity,
        )

        found += workload_identity(env, federation)
    key = (text_of(env, KEY_VARIABLE) or "").strip(WHITE_SPACE)
    if key:
        held = _with_key_facts(HeldCredential("apikey", "api"), key, keys)
        found.append(Credential(KEY_VARIABLE, None, held))
    token = (text_of(env, TOKEN_VARIABLE) or "").strip(WHITE_SPACE)
    if token:
        personal = token.startswith(PERSONAL_PREFIX)
        kind = "personalAccessToken" if personal else "agentIdentity"
        held = HeldCredential(kind, "chatgpt", ask="whoami" if personal else "jwks")
        found.append(Credential(TOKEN_VARIABLE, None, _with_key_facts(held, token, keys)))
    return tuple(found)


def read_unstored_credentials(
    settled: Settled, keys: "Keys | None", behaviour: Behaviour | None = None
) -> tuple[Credential, ...]:
    """Return what a version of the client finds before it looks into any store.

    Args:
        behaviour: Of the version; the newest where it is not given.
    """
    federation = (behaviour or NEWEST_BEHAVIOUR).federation
    found = environment_credentials(settled.variables, keys, federation)
    return found if settled.unread is None else (settled.unread, *found)


def read_stored_credentials(
    request: Request, home: str, rules: Rules | Fault, unknown_fields: tuple[str, ...]
) -> tuple[Stored, ...]:
    """Return the content of the stores that the rules make the client read, and of the file.

    A keyring is asked only where it counts: asking may start it.
    """
    found = [file_credential(request, home, unknown_fields)]
    if isinstance(rules, Rules) and rules.store in ("keyring", "auto"):
        from tipstaff_policy.clients.codex.credentials import (  # noqa: PLC0415 - rarely needed
            keyring,
        )

        found.insert(0, keyring.read_keyring_credential(request, home, unknown_fields))
        if rules.encrypted:
            found.insert(0, keyring.read_encrypted_credential(request, home, unknown_fields))
    return tuple(found)


def file_credential(request: Request, home: str, unknown_fields: tuple[str, ...]) -> Stored:
    """Return the content of the file store; a link is followed, as the client does."""
    path = f"{home}/{CREDENTIAL_FILE}"
    facts = read_file_facts(file_path(request, home), home)
    try:
        data = read_file_store(request, home)
        login = parse_auth_document(data, unknown_fields, keys_of(request))
    except FileNotFoundError:
        if request.system_root is None and _differs_by_process(path):
            what = "is reached through /proc, which differs for each process"
            return Stored(Credential("file", path, UnreadableCredential(what, "unknown"), facts))
        return Stored(Credential("file", path, NoCredential(), facts))
    except MemoryError:
        unread = UnreadableCredential("is too large for the memory of this process", "unknown")
        return Stored(Credential("file", path, unread, facts))
    except OSError as error:
        # The client would wait on a pipe without end, and was never seen with such a large file.
        unclear = isinstance(error, NotRegularFileError) and not os.path.isdir(path)
        unclear = unclear or isinstance(error, TooLargeError) or is_shortage(error)
        effect = "unknown" if unclear else "refuse"
        reason = f"cannot be read: {error.strerror}"
        unread = UnreadableCredential(reason, effect, unseen=is_shortage(error))  # type: ignore[arg-type]
        removable = facts is None or facts.type != "directory"
        return Stored(Credential("file", path, unread, facts, removable))
    return Stored(Credential("file", path, login.content, facts), login.user)


def _differs_by_process(path: str) -> bool:
    """Return whether a link on the way leads through what the system shows each process alone."""
    passed: list[str] = []
    with suppress(OSError):
        within("", path, passed=passed)
    return any(link.startswith("/proc/") for link in passed)


def read_file_store(request: Request, home: str) -> bytes:
    """Return the bytes of the file store.

    Raises:
        OSError: As the system reports it.
    """
    return read_bounded(_target(file_path(request, home), request.system_root), SIZE_LIMIT)


def file_path(request: Request, home: str) -> str:
    """Return the current path of the file store."""
    return f"{home}/{CREDENTIAL_FILE}{ASIDE if request.options.aside else ''}"


def _target(path: str, root: str | None) -> str:
    inside = root is not None and is_inside(path, root)
    return within(root, show_path(path, root)) if inside else path
